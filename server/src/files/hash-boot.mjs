// Starts a hashing thread from TypeScript sources: a worker's own file can't be TypeScript on Node 20.
import { register } from 'tsx/esm/api';

register();
await import('./hash-thread.ts');
