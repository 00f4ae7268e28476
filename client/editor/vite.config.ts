import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

import { serviceWorker } from './service-worker-plugin.ts';

export default defineConfig(({ command }) => {
  // The page that is kept must not depend on who happens to build it: with another NODE_ENV, a test's or a shell's,
  // it would be React's slow build, without the service worker.
  if (command === 'build') process.env['NODE_ENV'] = 'production';
  return {
    plugins: [react(), serviceWorker()],
    // The packages' TypeScript sources: the page is built without building them first.
    resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
    worker: { format: 'es' },
    build: {
      outDir: 'dist/site',
      emptyOutDir: true,
      target: 'es2023',
      // What changes seldom lies apart, so that a new version of the editor leaves it in the browser's cache.
      rolldownOptions: {
        output: {
          codeSplitting: {
            groups: [
              { name: 'react', test: /node_modules\/(react|react-dom|scheduler|@tanstack)\// },
              { name: 'libraries', test: /node_modules\// },
            ],
          },
        },
      },
    },
  };
});
