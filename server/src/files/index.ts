export { checkBlobs } from './check.ts';
export { defineFileCommands } from './commands/index.ts';
export type { FilesDeps, FilesSettings } from './deps.ts';
export { openFiles, type FileService } from './service.ts';
export { readAccount, USAGE, type Account } from './usage.ts';
