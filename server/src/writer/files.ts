import { defineFileCommands } from '../files/commands/index.ts';
import { defineCommand } from './command.ts';

defineFileCommands(defineCommand);
