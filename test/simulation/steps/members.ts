import type { Role } from '@cambium/protocol';
import type { Step } from './step.ts';

const ROLES: readonly (Role | null)[] = ['viewer', null, 'editor', 'editor'];

/** Somebody's right to a channel is another one, or is lost. The first user stays its owner. */
export const changeRole: Step = async (run, random) => {
  const others = run.users.slice(1);
  if (others.length === 0 || !run.world.server.http) return;
  const role = random.one(ROLES);
  const user = random.one(others);
  run.world.trace.add(`${user.name} becomes ${role}`);
  await run.until(run.world.server.setRole(random.one(run.channels), user.id, role)).then(
    () => run.world.faults.count('role_changed'),
    (error: Error) => run.world.trace.add(`it fails: ${error.message}`),
  );
};
