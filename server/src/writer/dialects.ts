import { defineDialectCommands } from '../dialects/commands.ts';
import { defineCommand } from './command.ts';

defineDialectCommands(defineCommand);
