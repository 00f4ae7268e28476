import * as z from 'zod';
import { isJsonObject, type Json } from '../json.ts';
import { LIMITS } from '../limit.ts';
import type { NameSet } from '../row.ts';
import { open, type Checked, type Field } from './field.ts';
import { isText, isWithin } from './text.ts';

/** A field that is a set of names: `tags` and the six label maps. Each name is true, or null where it is taken out. */
function nameSet(what: string, limit: number, normalize: (value: boolean | null) => Json): Field<NameSet> {
  const inside = ([name = '']: readonly string[], value: unknown): Checked => {
    if (name === '') return { ok: false, message: `A ${what} must not be empty.` };
    if (!isText(name))
      return { ok: false, message: `A ${what} must be Unicode without NUL and without lone surrogates.` };
    if (!isWithin(name, limit)) return { ok: false, message: `A ${what} must be at most ${limit} characters long.` };
    if (typeof value !== 'boolean' && value !== null)
      return { ok: false, message: `The value of a ${what} is true, false or null.` };
    return { ok: true, value: normalize(value) };
  };
  const whole = z
    .custom<NameSet>(isJsonObject, { error: `It must be an object whose keys are each a ${what}.` })
    .nullable()
    .transform((names, context) => {
      const kept: [string, Json][] = [];
      for (const [name, value] of Object.entries(names ?? {})) {
        const checked = inside([name], value);
        if (checked.ok && checked.value !== null) kept.push([name, checked.value]);
        if (checked.ok) continue;
        context.addIssue({ code: 'custom', message: checked.message, path: [name] });
        return z.NEVER;
      }
      return Object.fromEntries(kept);
    });
  return open(whole, inside);
}

/** A tag that is false is a tag that the node does not have. */
export const tags = nameSet('tag', LIMITS.tag, (value) => (value === true ? true : null));

export const labels = nameSet('label', LIMITS.label, (value) => value);
