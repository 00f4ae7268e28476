import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { resolveConfig } from 'vite';

const root = fileURLToPath(new URL('../../client/editor', import.meta.url));
const before = process.env['NODE_ENV'];

afterEach(() => {
  process.env['NODE_ENV'] = before;
});

it.each(['test', 'development'])(
  'is built for use, with what keeps it offline, also where NODE_ENV is %s',
  async (env) => {
    process.env['NODE_ENV'] = env;
    const config = await resolveConfig({ root, configFile: `${root}/vite.config.ts`, logLevel: 'error' }, 'build');
    expect(config.isProduction).toBe(true);
  },
);
