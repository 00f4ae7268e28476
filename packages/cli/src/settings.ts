import { type Command, Option } from 'commander';
import { flagOf, OPTIONS, readSettings, type SettingOption, type Settings } from '@cambium/server';

/** Every setting of the server as a flag; the environment has the same under its own name. */
export function withSettings(command: Command, only?: readonly (keyof typeof OPTIONS)[]): Command {
  for (const [name, option] of Object.entries(OPTIONS) as [keyof typeof OPTIONS, SettingOption][]) {
    if (only !== undefined && !only.includes(name)) continue;
    command.addOption(
      new Option(
        `${flagOf(option)} <value>`,
        `${option.description} (${option.variable}; default: ${option.fallback})`,
      ),
    );
  }
  return command;
}

/**
 * The settings of the environment with the flags laid over it.
 * @throws SettingsError naming the flag that is malformed
 */
export function settingsOf(flags: Record<string, unknown>): Settings {
  const environment: Record<string, string | undefined> = { ...process.env };
  for (const option of Object.values(OPTIONS) as SettingOption[]) {
    const value = flags[camelCase(flagOf(option))];
    if (typeof value === 'string') environment[option.variable] = value;
  }
  return readSettings(environment, process.cwd());
}

/** As commander names what a flag was given: `--data-dir` is `dataDir`. */
function camelCase(flag: string): string {
  return flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The flags that say which data folder a command works on. */
export const FOLDER = ['dataDir', 'databaseUrl', 'storageUrl'] as const;
