import { readFileSync } from 'node:fs';

/** As in the package's own package.json. */
export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
