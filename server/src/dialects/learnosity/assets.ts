import type { Request, Response } from 'express';
import { isFormat, mimeTypeOf, Refusal } from '@cambium/protocol';
import { hearOut, NamedLock, watchIdle } from '../../files/index.ts';
import type { User } from '../../writer/writer.ts';
import type { DialectDeps } from '../deps.ts';
import { isGone } from '../gone.ts';
import { roomOf } from '../room.ts';
import { selectStored } from '../stored.ts';
import { isGranted, readAssetPath, type Grant } from './grant.ts';
import { isSubkey } from './request.ts';
import { StoreError, sendStoreError } from './store-error.ts';

/** A name may get other bytes at any time: whoever kept a copy asks whether it is still the one. */
const REVALIDATE = 'public, no-cache';

/** The assets themselves, in the manner of S3: signed PUT, public GET. */
export function assets(deps: DialectDeps) {
  const { readDb, intake, command, clock, timers, secret, log } = deps;
  const names = new NamedLock();

  const fail = (error: unknown, res: Response): void => {
    const known = toStoreError(error);
    if (known.status === 500 && !isGone(res))
      log.error({ request: res.locals['requestId'], err: error }, 'request failed');
    if (res.headersSent) res.destroy();
    else sendStoreError(res, known);
  };

  /** What the address was signed for; and whose file it becomes. */
  async function granted(req: Request): Promise<{ grant: Grant; user: User }> {
    const asset = readAssetPath(req.path);
    if (!asset || !isSubkey(asset.subkey)) throw new StoreError(404, 'NoSuchKey', 'The specified key does not exist.');
    const { AWSAccessKeyId: consumer, Expires, Signature, 'x-amz-acl': acl } = req.query;
    const type = req.headers['content-type'] ?? '';
    const expires = Number(Expires);
    if (typeof consumer !== 'string' || typeof Signature !== 'string' || !Number.isSafeInteger(expires)) {
      throw new StoreError(403, 'AccessDenied', 'Access Denied');
    }
    const grant = { consumer, ...asset, type, expires };
    if (acl !== 'public-read' || !isGranted(secret, grant, Signature)) {
      const message = 'The request signature we calculated does not match the signature you provided.';
      throw new StoreError(403, 'SignatureDoesNotMatch', message);
    }
    if (clock.now() >= expires * 1000) throw new StoreError(403, 'AccessDenied', 'Request has expired');
    const owner = await readDb
      .selectFrom('learnosity_consumer')
      .innerJoin('user', 'user.pk', 'learnosity_consumer.owner')
      .select(['user.pk', 'user.id', 'user.username', 'user.admin'])
      .where('key', '=', consumer)
      .where('user.disabled', '=', 0)
      .executeTakeFirst();
    if (!owner) throw new StoreError(403, 'InvalidAccessKeyId', 'The access key does not exist in our records.');
    return { grant, user: { ...owner, admin: owner.admin === 1 } };
  }

  async function receive(req: Request, res: Response): Promise<void> {
    const { grant, user } = await granted(req);
    // Only now is the sender told to go on: what is refused is never sent.
    if (isAsking(req)) res.writeContinue();
    watchIdle(req, timers);
    const landed = await intake.land(req.iterator({ destroyOnReturn: false }), await roomOf(deps, user));
    try {
      const { organisation, subkey, type } = grant;
      const name = subkey.slice(subkey.lastIndexOf('/') + 1);
      const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
      const file_format = isFormat(extension) && mimeTypeOf(extension) === type ? extension : '';
      // One after the other: the name must name the file that was stored last, and no other one may be left behind.
      await names.hold(`${organisation}/${subkey}`, async () => {
        const file = await intake.keep(user, landed, {
          original_filename: name.slice(-255),
          mime_type: type,
          file_format,
        });
        const { former } = await command('learnosity.asset.point', { organisation, subkey, file, type });
        if (former !== null) await removeFormer(user, former);
      });
      res.setHeader('ETag', `"${landed.digest.md5}"`);
      res.status(200).end();
    } finally {
      await intake.drop(landed);
    }
  }

  /** What a name named before is nobody's any more, unless it was put into a channel meanwhile. */
  async function removeFormer(user: User, id: string): Promise<void> {
    const file = await readDb.selectFrom('file').select(['id', 'channel']).where('id', '=', id).executeTakeFirst();
    if (file && file.channel === null) await intake.remove(user, { id, channel: null }, 'system');
  }

  async function serve(req: Request, res: Response): Promise<void> {
    const asset = readAssetPath(req.path);
    const found =
      asset &&
      (await selectStored(readDb)
        .innerJoin('learnosity_asset as a', 'a.file', 'f.id')
        .select('a.type')
        .where('a.organisation', '=', asset.organisation)
        .where('a.subkey', '=', asset.subkey)
        .executeTakeFirst());
    if (!found) throw new StoreError(404, 'NoSuchKey', 'The specified key does not exist.');
    const { sha256, type: mimeType, original_filename: name } = found;
    intake.serve(req, res, { sha256, mimeType, name, cacheControl: REVALIDATE, fail });
  }

  return (req: Request, res: Response): void => {
    if (!isAsking(req)) hearOut(req, res);
    const run = req.method === 'PUT' ? receive : req.method === 'GET' || req.method === 'HEAD' ? serve : refuseMethod;
    run(req, res).catch((error: unknown) => {
      // The rest of a body that was never asked for does not come: the connection is of no use any more.
      if (!res.headersSent && isAsking(req) && !req.complete) res.setHeader('Connection', 'close');
      fail(error, res);
    });
  };
}

/** Does the sender wait to be told whether to send the body at all? */
function isAsking(req: Request): boolean {
  return /^100-continue$/i.test(req.headers.expect ?? '');
}

const refuseMethod = (): Promise<void> =>
  Promise.reject(new StoreError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.'));

function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof Refusal && error.error.code === 'quota_exceeded')
    return new StoreError(403, 'QuotaExceeded', error.message);
  if (error instanceof Refusal && error.error.code === 'too_large') {
    return new StoreError(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed object size.');
  }
  if (error instanceof Refusal && error.error.code === 'busy')
    return new StoreError(503, 'SlowDown', 'Reduce your request rate.');
  return new StoreError(500, 'InternalError', 'We encountered an internal error. Please try again.');
}
