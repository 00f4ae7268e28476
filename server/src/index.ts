export { ADMIN_COMMANDS } from './admin.ts';
export { administer } from './administer.ts';
export { ArchiveError, type BackupReport } from './backup/archive.ts';
export { backupFolder } from './backup/backup.ts';
export { restoreFolder } from './backup/restore.ts';
export { checkFolder } from './check.ts';
export type { Clock, Log, ServerDeps, Timers } from './deps.ts';
export { readRunFile, type RunFile } from './run-file.ts';
export { seed } from './seed.ts';
export {
  flagOf,
  LOG_LEVELS,
  OPTIONS,
  readSettings,
  SettingsError,
  type SettingOption,
  type Settings,
} from './settings.ts';
export { startServer, type RunningServer, type StartOptions } from './start.ts';
export { realWorld } from './world.ts';
