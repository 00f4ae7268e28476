import { drawTab, type Step } from './step.ts';

/** Virtual milliseconds by which a clock may jump. */
const JUMPS = [-3_600_000, -60_000, -1_000, 5_000, 60_000, 90_000_000];

export const sync: Step = async (run, random) => {
  const tab = drawTab(run, random);
  if (tab) run.sync(tab);
};

export const online: Step = async (run, random) => {
  random.one(run.devices).setOnline(true);
};

export const offline: Step = async (run, random) => {
  const device = random.one(run.devices);
  if (device.isOnline()) run.world.faults.count('went_offline');
  device.setOnline(false);
};

/** A client dies where it stands, or just before one of its next transactions. */
export const crash: Step = async (run, random) => {
  const tab = drawTab(run, random);
  if (!tab) return;
  if (random.chance(50)) {
    run.world.faults.count('client_crashed');
    tab.die();
    return;
  }
  const { death } = tab;
  tab.dieAtTransaction(random.below(12));
  void death.then(() => run.world.faults.count('client_crashed_at_transaction'));
  run.sync(tab);
};

/** Opens a client where none is left, or another tab. */
export const open: Step = async (run, random) => {
  const closed = run.devices.filter(({ tabs }) => tabs.length === 0);
  const device = random.one(closed.length > 0 ? closed : run.devices);
  if (device.tabs.length < 2) await run.until(device.openTab());
};

export const freeze: Step = async (run, random) => {
  const tab = drawTab(run, random);
  if (!tab) return;
  run.world.faults.count('tab_frozen');
  tab.freeze();
  run.world.time.after(random.one([500, 30_000, 120_000]), () => tab.thaw());
};

export const jumpClock: Step = async (run, random) => {
  const jump = random.one(JUMPS);
  // With several channels the times of the server's entries tell their order, so there it only goes forward.
  const ofServer = random.chance(30) && (jump > 0 || run.channels.length === 1);
  const where = ofServer ? run.world.server : random.one(run.devices);
  where.clockOffset += jump;
  run.world.faults.count('clock_jumped');
};

export const restartServer: Step = async (run) => {
  if (!run.world.server.http) return;
  run.world.faults.count('server_restarted');
  run.world.server.kill();
};

/** After a token was not taken, its user logs in again. */
export const logIn: Step = async (run, random) => {
  const tab = drawTab(run, random);
  tab?.client.setToken(tab.device.user.token);
};
