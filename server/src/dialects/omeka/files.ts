import { sql } from 'kysely';
import type { DialectDeps } from '../deps.ts';
import { readObject, send, type Call, type Resource } from './call.ts';
import type { ContentFinder } from './content.ts';
import { denied, noRecord } from './errors.ts';
import { selectFiles, showFiles } from './file.ts';
import { ingest } from './ingest.ts';
import { isAfter, takePage, type Listing } from './list.ts';
import { readOrder } from './order.ts';
import { readFlag } from './page.ts';
import { mayEdit } from './rights.ts';
import { readTexts } from './text.ts';

type Files = ReturnType<typeof selectFiles>;

const LISTING: Listing<Files> = {
  filters: {
    item: (files, text) => files.where('n.item', '=', Number.parseInt(text, 10) || 0),
    order: (files, text) =>
      text === 'null' ? files.where('n.ord', 'is', null) : files.where('n.ord', '=', Number.parseInt(text, 10) || 0),
    size_greater_than: (files, text) => files.where('f.file_size', '>', Number.parseInt(text, 10) || 0),
    has_derivative_image: (files, text) =>
      files.where(sql<number>`coalesce(m.kind, '') = 'image'`, '=', Number(readFlag(text))),
    mime_type: (files, text) => files.where((eb) => eb(eb.fn.coalesce('k.mime', 'f.mime_type'), '=', text)),
    added_since: (files, text) => files.where(isAfter('n.added', text)),
    modified_since: (files, text) => files.where(isAfter('coalesce(n.edited, n.added)', text)),
  },
  sorts: {
    id: 'n.number',
    item_id: 'n.item',
    order: 'n.ord',
    size: 'f.file_size',
    mime_type: 'f.mime_type',
    authentication: 'f.checksum',
    original_filename: 'f.original_filename',
    filename: 'f.id',
    added: 'n.added',
    modified: 'coalesce(n.edited, n.added)',
  },
  number: 'n.number',
};

export function filesResource(deps: DialectDeps, contents: ContentFinder): Resource {
  const { command, intake, clock } = deps;
  const now = () => new Date(clock.now()).toISOString();

  async function find({ id, user }: Pick<Call, 'id' | 'user'>) {
    const file = await selectFiles(deps, user).where('n.number', '=', id).executeTakeFirst();
    if (!file) throw noRecord();
    return file;
  }

  async function answer(call: Call, status: number): Promise<void> {
    const [shown] = await showFiles(deps, contents, [await find(call)], call.base);
    send(call, status, shown);
  }

  return {
    filters: Object.keys(LISTING.filters),

    async index(call) {
      const rows = await takePage(call, selectFiles(deps, call.user), LISTING);
      send(call, 200, await showFiles(deps, contents, rows, call.base));
    },

    get: (call) => answer(call, 200),

    async post(call) {
      const { id, user } = await ingest(deps, call);
      call.res.setHeader('Location', `${call.base}/api/files/${id}`);
      await answer({ ...call, id, user }, 201);
    },

    async put(call) {
      const file = await find(call);
      if (!call.user || !mayEdit(call.user, file.item_owner)) throw denied();
      const body = await readObject(call.req);
      const texts = readTexts(body['element_texts']);
      const order = readOrder(body['order']);
      await command('omeka.file.edit', {
        file: file.id,
        now: now(),
        ...(order !== undefined && { order }),
        ...(texts && { texts }),
      });
      await answer(call, 200);
    },

    async delete(call) {
      const { id, channel_id: channel } = await find(call);
      // A contributor's own files are no exception.
      if (!call.user?.admin) throw denied();
      await intake.remove(call.user, { id, channel });
      call.res.status(204).setHeader('Content-Type', 'text/html; charset=utf-8').end();
    },
  };
}
