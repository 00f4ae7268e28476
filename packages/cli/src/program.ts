import { Command } from 'commander';
import { backupCommand } from './commands/backup.ts';
import { checkCommand } from './commands/check.ts';
import { compactCommand } from './commands/compact.ts';
import { learnosityCommand } from './commands/learnosity.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { pullCommand } from './commands/pull.ts';
import { pushCommand } from './commands/push.ts';
import { replayCommand } from './commands/replay.ts';
import { restoreCommand } from './commands/restore.ts';
import { serveCommand } from './commands/serve.ts';
import { tokenCommand } from './commands/token.ts';
import { userCommand } from './commands/user.ts';
import { version } from './version.ts';

/** The whole command line: one file a command. */
export function createProgram(): Command {
  const program = new Command('cambium')
    .description('an offline-first sync engine for tree-shaped content')
    .version(version)
    .showHelpAfterError('(--help tells more)');
  for (const command of [
    serveCommand(),
    userCommand(),
    tokenCommand(),
    learnosityCommand(),
    pushCommand(),
    pullCommand(),
    replayCommand(),
    checkCommand(),
    compactCommand(),
    backupCommand(),
    restoreCommand(),
    exportCommand(),
    importCommand(),
  ])
    program.addCommand(command);
  return program;
}
