import type { Run } from '../run.ts';
import type { Tab } from '../tab.ts';
import type { Random } from '../world/random.ts';

export type Step = (run: Run, random: Random) => Promise<void>;

/** A tab that is awake, or null when there is none. */
export function drawTab({ devices }: Run, random: Random): Tab | null {
  const tabs = devices.flatMap((device) => device.tabs).filter((tab) => !tab.isFrozen);
  return tabs.length === 0 ? null : random.one(tabs);
}
