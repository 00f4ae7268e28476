import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { Plugin } from 'vite';

/** Writes `sw.js` beside the page, with the list of what the page is made of and a name that changes with it. */
export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = Object.keys(bundle).filter((name) => !name.endsWith('.map') && name !== 'index.html');
        const shell = ['/', ...files.map((name) => `/${name}`), '/icon.svg', '/manifest.webmanifest'];
        const source = readFileSync(new URL('./service-worker.js', import.meta.url), 'utf8');
        const version = createHash('sha256').update(source).update(files.join()).digest('hex').slice(0, 12);
        const text = source.replace('__VERSION__', JSON.stringify(version)).replace('__SHELL__', JSON.stringify(shell));
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: text });
      },
    },
  };
}
