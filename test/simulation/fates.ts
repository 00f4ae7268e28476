import { keyText, type ChangeResult, type Id, type Key } from '@cambium/protocol';
import type { PendingRecord, RawChange } from '@cambium/client';
import type { Device } from './device.ts';
import type { Tab } from './tab.ts';
import type { Sent } from './world/call.ts';
import type { Tap } from './world/network.ts';

/** What a step is about to do on a device, as far as it tells why queued changes may go. */
export type Act =
  /** One change of one row: it may be folded into an earlier one. */
  | { kind: 'change'; row: string; type: string }
  | { kind: 'group' }
  /** Refused changes are retried or given up. */
  | { kind: 'rescue' };

export interface Verdict {
  status: 'applied' | 'rejected' | 'disallowed';
  server_rev: number | null;
  codes: string[];
}

/** Everything known of one change that a client made, under one rev. */
export interface Fate {
  client_id: Id;
  rev: number;
  change: RawChange;
  wasSent: boolean;
  /** The act by which it left the queue unsent; `perhaps` when the client died in it. */
  squashed: 'no' | 'yes' | 'perhaps';
  verdict: Verdict | null;
  /** Its author retried it or gave it up. */
  decided: boolean;
}

/** Pairs of changes of one row that may become one. */
const FOLDABLE = new Set(['UPDATED UPDATED', 'CREATED UPDATED', 'MOVED MOVED', 'UPDATED DELETED', 'CREATED DELETED']);

interface Sight {
  client_id: Id;
  pending: Map<number, PendingRecord>;
  rescue: Set<number>;
}

/**
 * Follows every change from the moment it is queued: what was sent, what the server said, where it went. It looks at
 * the queue before and after each act, at every request, and at every answer, even at those that were lost.
 */
export class Fates implements Tap {
  readonly violations: string[] = [];
  readonly #fates = new Map<string, Fate>();
  readonly #sights = new Map<Device, Sight>();
  /** Acts in which a client died: what they did is seen when it is opened again. */
  readonly #unfinished = new Map<Device, Act>();

  all(): Iterable<Fate> {
    return this.#fates.values();
  }

  get(client_id: Id, rev: number): Fate | undefined {
    return this.#fates.get(`${client_id}:${rev}`);
  }

  /** Looks at the queue before an act. */
  async before(tab: Tab): Promise<void> {
    await this.#look(tab, this.#unfinished.get(tab.device), 'perhaps');
    this.#unfinished.delete(tab.device);
  }

  /** Looks again after it. `isDone`: it neither failed nor was cut off by the client's death. */
  async after(tab: Tab, act: Act, isDone: boolean): Promise<void> {
    // Until it is known otherwise: the client may be dead already, or die while it is looked at.
    this.#unfinished.set(tab.device, act);
    if (tab.isDead) return;
    const sight = await this.#look(tab, act, 'yes');
    this.#unfinished.delete(tab.device);
    if (!isDone || act.kind !== 'change' || act.type === 'DELETED') return;
    const isQueued = [...sight.pending.values()].some(({ row, state }) => row === act.row && state === 'queued');
    if (!isQueued) this.violations.push(`${tab.name}: ${act.type} of ${act.row} was done but is not in the queue`);
  }

  sent({ method, path, body }: Sent): void {
    if (method !== 'POST' || path !== '/api/sync' || body === null) return;
    const { client_id, changes } = JSON.parse(body) as { client_id: Id; changes: RawChange[] };
    for (const change of changes) {
      const fate = this.#fate(client_id, change);
      if (fate.squashed === 'yes')
        this.violations.push(`${client_id}:${change.rev} was sent after it had been squashed`);
      if (fate.wasSent && JSON.stringify(fate.change) !== JSON.stringify(change)) {
        this.violations.push(`${client_id}:${change.rev} was sent in two forms`);
      }
      fate.wasSent = true;
      fate.change = change;
    }
  }

  answered({ method, path, body }: Sent, status: number, text: string): void {
    if (method !== 'POST' || path !== '/api/sync' || body === null || status !== 200) return;
    const { client_id } = JSON.parse(body) as { client_id: Id };
    const { results } = JSON.parse(text) as { results: ChangeResult[] };
    for (const result of results) this.#judge(client_id, result);
  }

  #judge(client_id: Id, result: ChangeResult): void {
    const fate = this.get(client_id, result.rev);
    if (!fate) this.violations.push(`${client_id}:${result.rev} was judged but never sent`);
    if (!fate || result.status === 'failed' || result.status === 'acknowledged') return;
    const verdict: Verdict = {
      status: result.status,
      server_rev: result.status === 'applied' ? result.server_rev : null,
      codes: result.status === 'applied' ? [] : result.errors.map(({ code }) => code),
    };
    if (fate.verdict && JSON.stringify(fate.verdict) !== JSON.stringify(verdict)) {
      this.violations.push(`${client_id}:${result.rev} got two verdicts: ${JSON.stringify([fate.verdict, verdict])}`);
    }
    fate.verdict ??= verdict;
  }

  async #look(tab: Tab, act: Act | undefined, squashed: 'yes' | 'perhaps'): Promise<Sight> {
    const { database } = tab.client;
    const client_id = (await database.meta.get('client_id'))?.value as Id;
    const pending = new Map((await database.pending.toArray()).map((record) => [record.rev, record]));
    const rescue = new Set((await database.rescue.toArray()).map(({ rev }) => rev));
    const sight = { client_id, pending, rescue };
    for (const { change } of pending.values()) {
      const fate = this.#fate(client_id, change);
      if (!fate.wasSent) fate.change = change;
    }
    const old = this.#sights.get(tab.device);
    if (old && act) this.#compare(old, sight, act, squashed);
    this.#sights.set(tab.device, sight);
    return sight;
  }

  #compare(old: Sight, now: Sight, act: Act, squashed: 'yes' | 'perhaps'): void {
    const made = act.kind === 'change' ? [act] : act.kind === 'rescue' ? this.#decide(old, now) : [];
    for (const [rev, { state, row, change }] of old.pending) {
      if (state !== 'queued' || now.pending.has(rev) || change['group'] !== undefined) continue;
      const isFolded = made.some((later) => later.row === row && FOLDABLE.has(`${change.type} ${later.type}`));
      if (isFolded) (this.get(old.client_id, rev) as Fate).squashed = squashed;
    }
  }

  /** Notes which refused changes were decided about. One that is retried is made again, and may be folded like any other. */
  #decide(old: Sight, now: Sight): { row: string; type: string }[] {
    const decided = [...old.rescue]
      .filter((rev) => !now.rescue.has(rev))
      .flatMap((rev) => this.get(old.client_id, rev) ?? []);
    for (const fate of decided) fate.decided = true;
    return decided.map(({ change }) => ({ row: rowOf(change.table, change['key'] as Key), type: change.type }));
  }

  #fate(client_id: Id, change: RawChange): Fate {
    const name = `${client_id}:${change.rev}`;
    let fate = this.#fates.get(name);
    if (!fate) {
      fate = { client_id, rev: change.rev, change, wasSent: false, squashed: 'no', verdict: null, decided: false };
      this.#fates.set(name, fate);
    }
    return fate;
  }
}

export function rowOf(table: string, key: Key): string {
  return `${table}:${keyText(key)}`;
}
