import type { User } from '../../writer/writer.ts';
import type { DialectDeps } from '../deps.ts';
import { omekaTime, readObject, send, type Call, type Resource } from './call.ts';
import { denied, noRecord } from './errors.ts';
import { isAfter, takePage, type Listing } from './list.ts';
import { readFlag } from './page.ts';
import { mayEdit } from './rights.ts';
import { loadTexts, readTexts } from './text.ts';

/** Items that the caller may see: another user's own item is nobody else's business. */
function selectItems({ readDb }: Pick<DialectDeps, 'readDb'>, user: User | null) {
  const items = readDb
    .selectFrom('omeka_item as i')
    .selectAll('i')
    .select((eb) =>
      eb
        .selectFrom('file_facts as n')
        .innerJoin('file as f', 'f.id', 'n.file')
        .whereRef('n.item', '=', 'i.id')
        .select((count) => count.fn.countAll<number>().as('count'))
        .as('files'),
    );
  if (user?.admin) return items;
  if (!user) return items.where('i.public', '=', 1);
  return items.where((eb) => eb.or([eb('i.public', '=', 1), eb('i.home', '=', 0), eb('i.owner', '=', user.pk)]));
}

type Items = ReturnType<typeof selectItems>;

const LISTING: Listing<Items> = {
  filters: {
    public: (items, text) => items.where('i.public', '=', Number(readFlag(text))),
    featured: (items, text) => items.where('i.featured', '=', Number(readFlag(text))),
    owner: (items, text) => items.where('i.owner', '=', Number.parseInt(text, 10) || 0),
    added_since: (items, text) => items.where(isAfter('i.added', text)),
    modified_since: (items, text) => items.where(isAfter('i.modified', text)),
  },
  sorts: {
    id: 'i.id',
    owner_id: 'i.owner',
    public: 'i.public',
    featured: 'i.featured',
    added: 'i.added',
    modified: 'i.modified',
  },
  number: 'i.id',
};

export function itemsResource(deps: DialectDeps): Resource {
  const { readDb, command, intake, clock } = deps;
  const now = () => new Date(clock.now()).toISOString();

  async function find({ id, user }: Pick<Call, 'id' | 'user'>) {
    const item = await selectItems(deps, user).where('i.id', '=', id).executeTakeFirst();
    if (!item) throw noRecord();
    return item;
  }

  async function show(items: Awaited<ReturnType<typeof find>>[], base: string): Promise<object[]> {
    const ids = items.map(({ id }) => id);
    const texts = await loadTexts(readDb, 'item', ids, base);
    return items.map((item) => ({
      id: item.id,
      url: `${base}/api/items/${item.id}`,
      public: item.public === 1,
      featured: item.featured === 1,
      added: omekaTime(item.added),
      modified: omekaTime(item.modified),
      item_type: null,
      collection: null,
      owner: { id: item.owner, url: `${base}/api/users/${item.owner}`, resource: 'users' },
      files: { count: item.files ?? 0, url: `${base}/api/files?item=${item.id}`, resource: 'files' },
      tags: [],
      element_texts: texts.get(item.id) ?? [],
      extended_resources: [],
    }));
  }

  async function answer(call: Call, status: number): Promise<void> {
    const [shown] = await show([await find(call)], call.base);
    send(call, status, shown);
  }

  function readBody(body: Record<string, unknown>) {
    const texts = readTexts(body['element_texts']);
    return {
      ...(body['public'] !== undefined && { public: isOn(body['public']) }),
      ...(body['featured'] !== undefined && { featured: isOn(body['featured']) }),
      ...(texts && { texts }),
    };
  }

  return {
    filters: Object.keys(LISTING.filters),

    async index(call) {
      // An own item shows when something lies in it.
      const items = selectItems(deps, call.user).where((eb) =>
        eb.or([
          eb('i.home', '=', 0),
          eb.exists(
            eb
              .selectFrom('file_facts as n')
              .innerJoin('file as f', 'f.id', 'n.file')
              .select('n.file')
              .whereRef('n.item', '=', 'i.id'),
          ),
        ]),
      );
      send(call, 200, await show(await takePage(call, items, LISTING), call.base));
    },

    get: (call) => answer(call, 200),

    async post(call) {
      if (!call.user) throw denied();
      const { texts = [], ...flags } = readBody(await readObject(call.req));
      const made = { public: false, featured: false, ...flags, texts };
      const { id } = await command('omeka.item.add', { owner: call.user.pk, ...made, now: now() });
      call.res.setHeader('Location', `${call.base}/api/items/${id}`);
      await answer({ ...call, id }, 201);
    },

    async put(call) {
      const { id, owner } = await find(call);
      if (!call.user || !mayEdit(call.user, owner)) throw denied();
      await command('omeka.item.edit', { id, ...readBody(await readObject(call.req)), now: now() });
      await answer(call, 200);
    },

    async delete(call) {
      const { user } = call;
      const { id, owner, home } = await find(call);
      if (!user || !mayEdit(user, owner) || home === 1) throw denied();
      const files = await readDb
        .selectFrom('file_facts as n')
        .innerJoin('file as f', 'f.id', 'n.file')
        .leftJoin('channel as c', 'c.pk', 'f.channel')
        .select(['f.id', 'c.id as channel'])
        .where('n.item', '=', id)
        .execute();
      // What hangs in a channel needs the right to edit there.
      for (const file of files)
        await intake.remove(user, file, file.channel === null || user.admin ? 'system' : 'user');
      await command('omeka.item.remove', { id });
      call.res.status(204).setHeader('Content-Type', 'text/html; charset=utf-8').end();
    },
  };
}

function isOn(value: unknown): boolean {
  return typeof value === 'string' ? readFlag(value) : Boolean(value);
}
