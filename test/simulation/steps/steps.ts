import type { Random } from '../world/random.ts';
import * as device from './device.ts';
import * as edits from './edits.ts';
import { changeRole } from './members.ts';
import { decide } from './rescue.ts';
import type { Step } from './step.ts';

/** Every step with its weight: how often it is drawn. */
export const STEPS = {
  create: { weight: 10, step: edits.create },
  update: { weight: 12, step: edits.update },
  move: { weight: 14, step: edits.move },
  copy: { weight: 8, step: edits.copy },
  remove: { weight: 5, step: edits.remove },
  group: { weight: 4, step: edits.group },
  prerequisite: { weight: 3, step: edits.prerequisite },
  item: { weight: 4, step: edits.item },
  file: { weight: 4, step: edits.file },
  rename: { weight: 1, step: edits.rename },
  publish: { weight: 1, step: edits.publish },
  sync: { weight: 18, step: device.sync },
  online: { weight: 4, step: device.online },
  offline: { weight: 3, step: device.offline },
  crash: { weight: 3, step: device.crash },
  open: { weight: 4, step: device.open },
  freeze: { weight: 2, step: device.freeze },
  jumpClock: { weight: 1, step: device.jumpClock },
  restartServer: { weight: 2, step: device.restartServer },
  logIn: { weight: 2, step: device.logIn },
  changeRole: { weight: 3, step: changeRole },
  decide: { weight: 3, step: decide },
} as const satisfies Record<string, { weight: number; step: Step }>;

export type StepName = keyof typeof STEPS;

const WEIGHTS = Object.fromEntries(Object.entries(STEPS).map(([name, { weight }]) => [name, weight])) as Record<
  StepName,
  number
>;

export function drawStep(random: Random): StepName {
  return random.weighted(WEIGHTS);
}
