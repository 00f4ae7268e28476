import { DetailedError, type HttpStack, type UploadOptions, Upload } from 'tus-js-client';

import type { Timers } from '../deps.ts';
import { failureOf, unreachable, UploadFailure } from './failure.ts';

/** Without a byte or an answer for this long a request counts as dead, milliseconds. */
export const STALL = 30_000;
/** Bytes per millisecond that a server is given to check a whole file before it answers the last request. */
const CHECK_SPEED = 20_000;

export interface Transfer {
  url: string;
  /** The upload is not there yet: it is made at this endpoint, by the request that brings its first bytes. */
  create?: { endpoint: string; metadata: Record<string, string> };
  size: number;
  /** Bytes of one request. */
  chunk: number;
  token: string;
  read(start: number, end: number): Promise<Blob>;
  onProgress(bytesSent: number): void;
  /** The server has so many bytes, and more are about to be sent. */
  onAccepted(bytes: number): void;
  timers: Timers;
  signal: AbortSignal;
  /** Left out: tus-js-client's own (XMLHttpRequest in browsers, which reports every few bytes). */
  httpStack?: HttpStack;
}

/** Headers of the answer that said the last byte was accepted. */
export type LastAnswer = (header: string) => string | undefined;

/**
 * Sends what the server lacks of one upload: makes it, or asks for its offset and goes on from there; resolves when all
 * was accepted. tus-js-client keeps no URLs and no fingerprints here: two files of equal size and type must never be
 * taken for each other.
 */
export function sendResumable(transfer: Transfer): Promise<LastAnswer> {
  const { size, timers, signal } = transfer;
  return new Promise((resolve, reject) => {
    let cancelStall = () => undefined as void;
    const alive = (sent = 0) => {
      cancelStall();
      const patience = sent < size ? STALL : STALL + size / CHECK_SPEED;
      cancelStall = timers.after(patience, () =>
        end(new UploadFailure('retry', { code: 'busy', message: 'The connection stalled.' })),
      );
    };
    const rest = () => {
      cancelStall();
      signal.removeEventListener('abort', onAbort);
    };
    const end = (error: Error) => {
      rest();
      // Whatever is still open goes; its own complaint about being ended is of no interest.
      upload.abort().then(
        () => reject(error),
        () => reject(error),
      );
    };
    const onAbort = () => end(unreachable(signal.reason));
    const options: UploadOptions = {
      endpoint: transfer.create?.endpoint ?? null,
      uploadUrl: transfer.create ? null : transfer.url,
      metadata: transfer.create?.metadata ?? {},
      uploadDataDuringCreation: true,
      uploadSize: size,
      chunkSize: transfer.chunk,
      retryDelays: null,
      storeFingerprintForResuming: false,
      headers: { Authorization: `Token ${transfer.token}` },
      fileReader: {
        openFile: async () => ({
          size,
          slice: async (start, to) => {
            alive();
            transfer.onAccepted(start);
            const stop = Math.min(to, size);
            return { value: await transfer.read(start, stop), done: stop >= size };
          },
          close: () => undefined,
        }),
      },
      onProgress: (sent) => {
        alive(sent);
        transfer.onProgress(sent);
      },
      onSuccess: ({ lastResponse }) => {
        rest();
        resolve((header) => lastResponse.getHeader(header));
      },
      onError: (error) => end(failure(error)),
      ...(transfer.httpStack && { httpStack: transfer.httpStack }),
    };
    const upload = new Upload(new Blob([]), options);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort);
    alive();
    upload.start();
  });
}

/** tus statuses: 404, 410 (gone) and 460 (wrong bytes) leave nothing to go on with. */
function failure(error: Error | DetailedError): UploadFailure {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  if (!response) return unreachable(error);
  const status = response.getStatus();
  const plain = failureOf(status, response.getBody());
  if ([404, 410, 460].includes(status)) return new UploadFailure('restart', plain.error);
  if (status === 413) return new UploadFailure('smaller', plain.error);
  // Another offset than we thought: the next try asks for it.
  return status === 409 ? new UploadFailure('retry', plain.error) : plain;
}
