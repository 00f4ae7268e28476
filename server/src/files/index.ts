export { checkBlobs } from './check.ts';
export { defineFileCommands } from './commands/index.ts';
export type { FilesDeps, FilesSettings } from './deps.ts';
export { openFiles, type FileService } from './service.ts';
export { readAccount, USAGE, type Account } from './usage.ts';
export { isDerivativeSize, type DerivativeSize, type MediaFacts } from './media/facts.ts';
export type { Derivative, Media } from './media/media.ts';
export { tooLarge, type Intake, type Landed, type Name, type ServedFile } from './intake.ts';
export { hearOut, watchIdle } from './idle.ts';
