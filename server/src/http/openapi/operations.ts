import { CHANNELS } from './operations/channels.ts';
import { FOREIGN } from './operations/dialects.ts';
import { FILES } from './operations/files.ts';
import { NODES } from './operations/nodes.ts';
import { OPERATING } from './operations/operating.ts';
import { SYNC } from './operations/sync.ts';

/** Everything that the server can be asked for. */
export const OPERATIONS = [...OPERATING, ...SYNC, ...CHANNELS, ...NODES, ...FILES, ...FOREIGN];
