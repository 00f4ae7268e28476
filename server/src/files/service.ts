import { Refusal } from '@cambium/protocol';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { contentRoute } from './content.ts';
import type { FilesDeps } from './deps.ts';
import { explainFull, openDisk, type Disk } from './disk.ts';
import { editRoutes } from './edit.ts';
import { Hashers } from './hasher.ts';
import { openIntake, type Intake } from './intake.ts';
import { listRoute } from './list.ts';
import { openMedia, type Media } from './media/media.ts';
import { Packs } from './pack/packs.ts';
import { redoPacks } from './pack/redo.ts';
import { putRoute } from './put.ts';
import { Stock } from './stock.ts';
import { startSweeper } from './sweeper.ts';
import { tusEndpoint } from './tus/endpoint.ts';
import { knownRoute, uploadUrlRoute } from './uploadUrl.ts';

export interface FileService {
  /** `/api/file…`, `/api/upload…`, `/upload/…` and `/content/…`; to be mounted at `/`, before any body parser. */
  router: Router;
  /** What is known of pictures, sounds and films. */
  media: Media;
  /** For APIs with words of their own. */
  intake: Intake;
  /** A whole round of the sweeper, beside those of its timer, after settling what waits for it. */
  sweep(): Promise<void>;
  /** Ends the timer and waits for a round that runs. */
  stop(): Promise<void>;
}

/** Opens the folder, starts the sweeper and looks at media that were not looked at yet. */
export async function openFiles(files: FilesDeps): Promise<FileService> {
  const disk = await openDisk(files.storage);
  const packs = new Packs();
  await redoPacks(files, disk, packs);
  const media = openMedia(files, disk);
  const stock = new Stock(files, disk, media, packs);
  const sweeper = startSweeper({ files, disk, stock });

  return {
    router: routes(files, { disk, stock, media }),
    media,
    intake: openIntake(files, disk, stock),
    async sweep() {
      await stock.settle();
      await sweeper.sweep();
    },
    async stop() {
      await Promise.all([media.stop(), sweeper.stop(), stock.stop()]);
      packs.stop();
    },
  };
}

function routes(files: FilesDeps, { disk, stock, media }: { disk: Disk; stock: Stock; media: Media }): Router {
  const router = express.Router();
  const edit = editRoutes(files);
  const guarded =
    (handle: (req: Request, res: Response) => Promise<void>): RequestHandler =>
    (req, res) => {
      handle(req, res).catch((error: unknown) => files.fail(explainFull(error), res));
    };
  const notAllowed = guarded(() => Promise.reject(new Refusal('method_not_allowed')));

  router.use('/api/upload', tusEndpoint({ files, disk, stock, hashers: new Hashers() }));
  router.use('/api/file', (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    next();
  });
  router
    .route('/api/file')
    .get(guarded(listRoute(files)))
    .all(notAllowed);
  router
    .route('/api/file/upload_url')
    .post(guarded(uploadUrlRoute(files, stock)))
    .all(notAllowed);
  router
    .route('/api/file/known')
    .post(guarded(knownRoute(files, stock)))
    .all(notAllowed);
  router.route('/api/file/:id').patch(guarded(edit.update)).delete(guarded(edit.remove)).all(notAllowed);
  router
    .route('/upload/:id')
    .put(guarded(putRoute(files, disk, stock)))
    .all(notAllowed);
  router
    .route('/content/:capability/:name')
    .get(guarded(contentRoute(files, disk, media)))
    .all(notAllowed);
  return router;
}
