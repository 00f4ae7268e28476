import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LIMITS, normalizeId, Refusal } from '@cambium/protocol';
import type { Database } from 'better-sqlite3';
import { Router, type Request, type Response } from 'express';
import { readChanges, type ChangesQuery } from '../sync/changes.ts';
import { copiedLines, copiedPieces } from '../sync/copiedRows.ts';
import { checkpointOf } from '../sync/compact/checkpoint.ts';
import { snapshot, type SnapshotQuery, type SnapshotStream } from '../sync/snapshot.ts';
import { requireAccess } from '../tables/read/access.ts';
import { absoluteUrls } from './base.ts';
import type { HttpDeps } from './deps.ts';
import { idParam, queryInteger, queryText } from './param.ts';
import type { Readers } from './readers.ts';
import { route } from './route.ts';
import { sendJson, setRev } from './send.ts';

/** What can be read of a channel's log: its entries, the rows of large copies, snapshots of the state that it made. */
export function logRoutes({ auth, db, raw, publicBase, log }: HttpDeps, readers: Readers): Router {
  const router = Router();

  route(router, auth, '/:id/changes', {
    async get(req, res, user) {
      const access = await requireAccess(db, user, idParam(req), 'viewer');
      setRev(res, access);
      const { results, more } = readChanges(raw, access.pk, changesQuery(req));
      sendJson(res, absoluteUrls(`{"results":[${results.join(',')}],"more":${more}}`, publicBase(req)));
    },
  });

  route(router, auth, '/:id/rows/:rev', {
    async get(req, res, user) {
      const access = await requireAccess(db, user, idParam(req), 'viewer');
      const rev = String(req.params['rev']);
      const lines = /^\d{1,15}$/.test(rev) ? copiedLines(raw, access.pk, Number(rev)) : undefined;
      if (lines === undefined) throw new Refusal('not_found');
      setRev(res, access);
      setNdjson(res);
      await sendPieces(res, copiedPieces(lines), publicBase(req));
    },
  });

  route(router, auth, '/:id/snapshot', {
    async get(req, res, user) {
      const access = await requireAccess(db, user, idParam(req), 'viewer');
      const query = snapshotQuery(req);
      const lines = await snapshot(raw, { channel: access.pk, viewer: user, ...query });
      const noted = readers.begins(access.pk, lines.server_rev);
      // The present is younger than anything that is cut; the past may be cut until it is noted that somebody reads it.
      if (query.at === undefined) void noted.catch((err: unknown) => log.warn({ err }, 'a snapshot was not noted'));
      else await untilNoted(raw, access.pk, lines, noted);
      setRev(res, access);
      setNdjson(res);
      await sendPieces(res, lines, publicBase(req));
    },
  });

  return router;
}

/** Throws, and ends the stream, when the log after its rev was cut before it was noted. */
async function untilNoted(raw: Database, channel: number, lines: SnapshotStream, noted: Promise<void>): Promise<void> {
  try {
    await noted;
    if (checkpointOf(raw, channel) > lines.server_rev) throw new Refusal('snapshot_gone');
  } catch (error) {
    await lines.return?.();
    throw error;
  }
}

function changesQuery(req: Request): ChangesQuery {
  const after = queryInteger(req, 'after', 0, Number.MAX_SAFE_INTEGER);
  const before = queryInteger(req, 'before', 0, Number.MAX_SAFE_INTEGER);
  const order = queryText(req, 'order') ?? 'asc';
  if (order !== 'asc' && order !== 'desc') {
    throw new Refusal('invalid_value', { field: 'order', message: 'Must be asc or desc.' });
  }
  return {
    ...(after === null ? {} : { after }),
    ...(before === null ? {} : { before }),
    limit: queryInteger(req, 'limit', 1, LIMITS.entries) ?? LIMITS.entries,
    order,
  };
}

function snapshotQuery(req: Request): Omit<SnapshotQuery, 'channel' | 'viewer'> {
  const at = queryInteger(req, 'at', 1, Number.MAX_SAFE_INTEGER);
  const under = queryText(req, 'under');
  const after = queryText(req, 'after');
  const node = normalizeId(under);
  if (under !== null && node === null) throw new Refusal('not_found', { field: 'under' });
  if (after !== null && at === null) {
    throw new Refusal('missing_field', { field: 'at', message: 'A stream is gone on with at the rev where it began.' });
  }
  return {
    ...(at === null ? {} : { at }),
    ...(node === null ? {} : { under: node }),
    ...(after === null ? {} : { after }),
  };
}

function setNdjson(res: Response): void {
  res.setHeader('Content-Type', 'application/x-ndjson; charset=utf-8');
}

/** Sends pieces as fast as the reader takes them; a reader who leaves ends the making of them, too. */
async function sendPieces(
  res: Response,
  pieces: AsyncIterable<string> | Iterable<string>,
  base: string,
): Promise<void> {
  async function* flushed() {
    for await (const piece of pieces) {
      yield absoluteUrls(piece, base);
      // Compression would hold back what it may put together with the next piece.
      res.flush();
    }
  }
  // Each layer between the socket and here listens for the end: together one more than Node takes for a leak.
  res.setMaxListeners(20);
  try {
    // A piece at a time: what waits would outlive its collection.
    await pipeline(Readable.from(flushed(), { highWaterMark: 1 }), res);
  } catch (error) {
    if (!isPrematureClose(error)) throw error;
  }
}

function isPrematureClose(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
