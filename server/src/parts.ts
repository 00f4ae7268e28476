/** The pieces that `startServer` puts together, for a host that has a world of its own, such as the simulation. */
export { ensureServerId } from './database/identity.ts';
export { migrate, openDatabase, type Connection } from './database/open.ts';
export { createApp, type AppParts } from './http/app.ts';
export { tokenAuth } from './http/auth.ts';
export { publicBase } from './http/base.ts';
export type { Events } from './http/events.ts';
export { copiedLines, copiedRow } from './sync/copiedRows.ts';
export { checkTree } from './tree/check.ts';
export { inlineWriter } from './writer/inline.ts';
// Declares the commands that a writer takes.
import './writer/commands.ts';
export type { User, Writer } from './writer/writer.ts';
