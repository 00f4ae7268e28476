/**
 * Uploads over a poor line (1 MB/s, 300 ms there and back, every connection cut each 4 s): which part of what the line
 * could carry the files got, and how many bytes went twice. By tus-js-client alone, and by the client library.
 * "Possible" counts what no sender is spared: a connection, one question and the last answer are three round trips, and
 * a cut costs what was under way, another connection and the question how far it came.
 *
 *   npx tsx --conditions=source test/link/bad-link.ts [MiB=10] [files=100]
 */
import { randomBytes } from 'node:crypto';
import { Upload } from 'tus-js-client';
import { startKillable, TOKEN } from '../crash/process.ts';
import { openDesk, type Desk } from './desk.ts';
import { openLink, type Link, type LinkOptions } from './link.ts';

const SIZE = Number(process.argv[2] ?? 10) * 1_048_576;
const FILES = Number(process.argv[3] ?? 100);
const SMALL = 65_536;
const LINE: LinkOptions = { bytesPerSecond: 1_000_000, roundTrip: 300, cutEvery: 4_000 };

const server = await startKillable();
// Whatever happens, no server is left behind.
process.on('exit', () => server.end());

const pdf = (size: number) => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(size - 9)]);

/** Runs it over a line of its own, and says how that went. */
async function measure(
  name: string,
  payload: number,
  line: LinkOptions,
  work: (link: Link) => Promise<{ go: () => Promise<void>; end: () => Promise<void> }>,
): Promise<void> {
  const link = await openLink(server.url, line);
  const { go, end } = await work(link);
  link.begin();
  const from = performance.now();
  await go();
  const took = (performance.now() - from) / 1000;
  const { sent, cuts } = link;
  await end();
  await link.close();
  const ideal = payload / line.bytesPerSecond;
  const possible = ideal + (line.roundTrip / 1000) * (3 + 2.5 * cuts);
  const again = sent - payload;
  console.log(
    [
      name.padEnd(52),
      `${took.toFixed(1).padStart(5)} s of ${ideal.toFixed(1).padStart(4)} s ideal: ${(ideal / took).toFixed(2)} (possible: ${(ideal / possible).toFixed(2)})`,
      `${cuts} cuts`,
      `${(again / 1024).toFixed(0)} KiB beside the bytes${cuts > 0 ? ` (${(again / 1024 / cuts).toFixed(0)} a cut)` : ''}`,
    ].join('  '),
  );
}

/** tus-js-client as an application would use it, told to try again at once. */
function byHand(bytes: Buffer) {
  return async (link: Link) => ({
    go: () =>
      new Promise<void>((resolve, reject) => {
        const options = {
          endpoint: `${link.url}/api/upload`,
          headers: { Authorization: `Token ${TOKEN}` },
          metadata: { filename: 'large.pdf', filetype: 'application/pdf' },
          retryDelays: [0, 100, 500, 1_000, 1_000, 1_000],
          onSuccess: () => resolve(),
          onError: reject,
        };
        new Upload(bytes, options).start();
      }),
    end: async () => undefined,
  });
}

/** The client library: nodes are there already, the files are attached, and then the line is given to it. */
function byLibrary(files: readonly Buffer[], check: (desk: Desk, ids: string[]) => Promise<void>) {
  return async (link: Link) => {
    const desk = await openDesk(server.url, link.url, TOKEN, files.length);
    const ids = await desk.attach(files);
    return {
      go: () => desk.send(ids),
      end: async () => {
        await check(desk, ids);
        await desk.close();
      },
    };
  };
}

const areThere =
  (files: readonly Buffer[]) =>
  async (desk: Desk, ids: string[]): Promise<void> => {
    for (const [index, id] of ids.entries()) {
      if (!(await desk.isStored(id, files[index] as Buffer))) throw new Error(`file ${id} is not what was sent`);
    }
  };

const whole = { ...LINE, cutEvery: 0 };
const large = () => [pdf(SIZE)];
const small = () => Array.from({ length: FILES }, () => pdf(SMALL));
const size = (files: readonly Buffer[]) => files.reduce((sum, { byteLength }) => sum + byteLength, 0);

for (const [title, line] of [
  ['not cut', whole],
  ['cut every 4 s', LINE],
] as const) {
  await measure(`tus-js-client, ${SIZE / 1_048_576} MiB, ${title}`, SIZE, line, byHand(pdf(SIZE)));
  for (const [name, files] of [
    [`${SIZE / 1_048_576} MiB`, large()],
    [`${FILES} files of ${SMALL / 1024} KiB`, small()],
  ] as const) {
    await measure(`client library, ${name}, ${title}`, size(files), line, byLibrary(files, areThere(files)));
    await measure(`client library, ${name} known to the server, ${title}`, 0, line, byLibrary(files, areThere(files)));
  }
}
await server.remove();
