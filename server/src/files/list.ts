import { normalizeId, Refusal, type Id } from '@cambium/protocol';
import type { Request, Response } from 'express';
import type { FilesDeps } from './deps.ts';
import { fileJson, selectVisibleFiles } from './records.ts';

/** Filters by the column that they look at. */
const COLUMNS = { id: 'f.id', contentnode: 'f.contentnode', assessment_item: 'f.assessment_item' } as const;
const MAX_VALUES = 10_000;

/** `GET /api/file?…`: an array of the files that the user may see and that every filter lets through. */
export function listRoute({ auth, readDb, publicBase }: FilesDeps) {
  return async (req: Request, res: Response): Promise<void> => {
    const user = await auth(req);
    let query = selectVisibleFiles(readDb, user).orderBy('f.id');
    let isFiltered = false;
    for (const [name, value] of Object.entries(req.query)) {
      const column = name.replace(/__in$/, '');
      if (!isColumn(column)) throw new Refusal('invalid_value', { field: name, message: 'There is no such filter.' });
      query = query.where(COLUMNS[column], 'in', readIds(name, value, name.endsWith('__in')));
      isFiltered = true;
    }
    if (!isFiltered) throw new Refusal('filter_required');
    const base = publicBase(req);
    res.json((await query.execute()).map((view) => fileJson(view, base)));
  };
}

function isColumn(name: string): name is keyof typeof COLUMNS {
  return Object.hasOwn(COLUMNS, name);
}

function readIds(field: string, value: unknown, isList: boolean): Id[] {
  if (typeof value !== 'string') throw new Refusal('invalid_value', { field });
  const texts = isList ? value.split(',').filter((text) => text !== '') : [value];
  if (texts.length > MAX_VALUES) throw new Refusal('invalid_value', { field, message: `At most ${MAX_VALUES} ids.` });
  return texts.map((text) => {
    const id = normalizeId(text.trim());
    if (id === null) throw new Refusal('invalid_value', { field, message: `"${text.slice(0, 40)}" is no id.` });
    return id;
  });
}
