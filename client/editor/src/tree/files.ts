import { acceptedFormats, type Channel, type CambiumClient, formatOf } from '@cambium/client';
import { type Id, isTimed, type Kind, Refusal } from '@cambium/protocol';

/** The kind of node that a file on its own becomes. */
const KIND_OF: Record<string, Kind> = {
  pdf: 'document',
  epub: 'document',
  kpub: 'document',
  bloompub: 'document',
  bloomd: 'document',
  mp4: 'video',
  webm: 'video',
  mp3: 'audio',
  zip: 'html5',
  h5p: 'h5p',
  zim: 'zim',
  perseus: 'exercise',
  png: 'slideshow',
  jpg: 'slideshow',
  jpeg: 'slideshow',
};

/** Attaches a file to a node, with its duration where the format has one. */
export async function attachFile(client: CambiumClient, node: Id, file: File): Promise<Id> {
  const duration = isTimed(formatOf(file.name)) ? await durationOf(file) : undefined;
  return client.files.attach(node, file, { ...(duration !== undefined && { duration }) });
}

/** Makes a node of the fitting kind at the end of a topic, with the file on it. */
export async function createFromFile(client: CambiumClient, channel: Channel, topic: Id, file: File): Promise<Id> {
  const kind = KIND_OF[formatOf(file.name)];
  if (!kind)
    throw new Refusal('invalid_value', {
      field: 'file',
      message: `“${file.name}” is no kind of content that a channel can have.`,
    });
  const title = file.name.replace(/\.[^.]*$/, '').slice(0, 200);
  const node = await channel.create({ target: topic, position: 'last-child', kind, title });
  await attachFile(client, node, file);
  return node;
}

/** Does a node of this kind take a file of this name? */
export function takesFile(kind: Kind, name: string): boolean {
  return acceptedFormats(kind)
    .split(',')
    .includes(`.${formatOf(name)}`);
}

/** Seconds, as the browser's player reads them; whole ones, at least 1. */
function durationOf(file: File): Promise<number> {
  const url = URL.createObjectURL(file);
  const player = document.createElement(file.type.startsWith('audio/') ? 'audio' : 'video');
  return new Promise<number>((resolve, reject) => {
    player.preload = 'metadata';
    player.onloadedmetadata = () =>
      resolve(Number.isFinite(player.duration) ? Math.max(1, Math.floor(player.duration)) : 1);
    player.onerror = () =>
      reject(
        new Refusal('invalid_value', {
          field: 'duration',
          message: `“${file.name}” cannot be played, so its duration is unknown.`,
        }),
      );
    player.src = url;
  }).finally(() => URL.revokeObjectURL(url));
}
