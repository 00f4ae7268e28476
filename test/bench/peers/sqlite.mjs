// Preloaded into every process of a measurement: better-sqlite3 is the one of this package, which was compiled for the
// Node that runs it. The repository's own was compiled for the Node that installed it.
import { registerHooks } from 'node:module';

const here = import.meta.url;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'better-sqlite3' ? next(specifier, { ...context, parentURL: here }) : next(specifier, context),
});
