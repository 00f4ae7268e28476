// Starts the thread of packs from TypeScript sources: a worker's own file can't be TypeScript on Node 20.
import { register } from 'tsx/esm/api';

register();
await import('./pack-thread.ts');
