import { selectStored, type Stored } from '../stored.ts';
import type { DialectDeps } from '../deps.ts';
import type { User } from '../../writer/writer.ts';
import { omekaTime } from './call.ts';
import type { ContentFinder } from './content.ts';
import { extensionOf } from './extension.ts';
import { loadTexts, type ShownText } from './text.ts';

/** Milliseconds that an answer waits for what is found out of contents that nobody asked for before. */
const LOOK = 5_000;

/**
 * Files of the items that the caller may see. Who knows a key sees what lies in any item that was made through this
 * API; what came by another one lies in its owner's own item, and is seen by whoever may see it there.
 */
export function selectFiles({ readDb }: Pick<DialectDeps, 'readDb'>, user: User | null) {
  const files = selectStored(readDb)
    .innerJoin('omeka_item as i', 'i.id', 'n.item')
    .select(['i.owner as item_owner', 'i.public as item_public']);
  if (user?.admin) return files;
  if (!user) return files.where('i.public', '=', 1);
  return files.where((eb) =>
    eb.or([
      eb('i.public', '=', 1),
      eb('i.home', '=', 0),
      eb('f.uploaded_by', '=', user.pk),
      eb.exists(
        eb
          .selectFrom('member as m')
          .select('m.user')
          .whereRef('m.channel', '=', 'f.channel')
          .where('m.user', '=', user.pk),
      ),
    ]),
  );
}

/** Files as the API shows them. */
export async function showFiles(
  deps: DialectDeps,
  contents: ContentFinder,
  files: readonly Stored[],
  base: string,
): Promise<object[]> {
  const numbers = files.map(({ number }) => number);
  const texts = await loadTexts(deps.readDb, 'file', numbers, base);
  return await Promise.all(
    files.map(async (file) => {
      const facts = file.kind === null ? await deps.media.of(file.sha256, LOOK) : null;
      const kind = file.kind ?? facts?.kind ?? null;
      const known = { ...file, ...(await contents.complete(file.sha256, file, LOOK)) };
      return show({ ...known, kind }, texts.get(file.number) ?? [], base);
    }),
  );
}

function show(file: Stored, texts: ShownText[], base: string): object {
  const { number: id, item } = file;
  const pictured = file.kind === 'image';
  const picture = (folder: string) => (pictured ? `${base}/files/${folder}/${file.id}.jpg` : null);
  const metadata = file.metadata === null || file.metadata === '{}' ? [] : (JSON.parse(file.metadata) as object);
  return {
    id,
    url: `${base}/api/files/${id}`,
    file_urls: {
      original: `${base}/files/original/${storedName(file)}`,
      fullsize: picture('fullsize'),
      thumbnail: picture('thumbnails'),
      square_thumbnail: picture('square_thumbnails'),
    },
    added: omekaTime(file.added),
    modified: omekaTime(file.edited ?? file.added),
    filename: storedName(file),
    authentication: file.checksum,
    has_derivative_image: pictured,
    mime_type: file.mime ?? file.mime_type,
    order: file.ord,
    original_filename: file.original_filename,
    size: file.file_size,
    stored: true,
    type_os: file.type_os,
    metadata,
    item: { id: item, url: `${base}/api/items/${item}`, resource: 'items' },
    element_texts: texts,
    extended_resources: [],
  };
}

/** 32 hex digits and the ending of the original name, if nothing in it could mean anything. */
function storedName({ id, original_filename }: Pick<Stored, 'id' | 'original_filename'>): string {
  const extension = extensionOf(original_filename);
  return /^[A-Za-z0-9_-]+$/.test(extension) ? `${id}.${extension}` : id;
}
