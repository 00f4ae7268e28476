import express, { type Router } from 'express';
import { loginRouter } from './classquiz/login.ts';
import { classquizRouter } from './classquiz/router.ts';
import type { DialectDeps } from './deps.ts';
import { learnosityRouter } from './learnosity/router.ts';
import { ContentFinder } from './omeka/content.ts';
import { omekaRouter } from './omeka/router.ts';
import { HashFinder } from './xxh3.ts';

export type DialectName = 'classquiz' | 'omeka' | 'learnosity';

export interface Dialects {
  /** To be mounted at `/`, before any body parser. */
  router: Router;
  /** To be mounted where the server would say that there is nothing. */
  fallback: Router;
  /** Does the answer to `Expect: 100-continue` of this address come from the dialect? */
  answersExpect(path: string): boolean;
  /** Waits for what is still being read. */
  stop(): Promise<void>;
}

/** The file APIs of other systems, as far as they are wanted: each is thin, the file service does the work. */
export function openDialects(names: readonly DialectName[], deps: DialectDeps): Dialects {
  const router = express.Router();
  const fallback = express.Router();
  const hashes = new HashFinder(deps);
  const contents = new ContentFinder(deps);
  if (names.includes('classquiz')) {
    router.use('/api/v1/storage', classquizRouter(deps, hashes));
    router.use('/api/v1/login', loginRouter(deps));
  }
  if (names.includes('omeka')) {
    const omeka = omekaRouter(deps, contents);
    router.use(omeka.router);
    fallback.use(omeka.fallback);
  }
  if (names.includes('learnosity')) router.use(learnosityRouter(deps));
  const answersExpect = (path: string) => names.includes('learnosity') && path.startsWith('/learnosity/');
  return {
    router,
    fallback,
    answersExpect,
    async stop() {
      await Promise.all([hashes.stop(), contents.stop()]);
    },
  };
}
