// Starts the helper process from TypeScript sources: a process's own file can't be TypeScript on Node 20.
import { register } from 'tsx/esm/api';

register();
await import('./child.ts');
