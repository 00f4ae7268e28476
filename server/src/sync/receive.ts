import {
  LIMITS,
  Refusal,
  normalizeId,
  parseSyncRequest,
  protocolError,
  type Change,
  type ProtocolError,
} from '@cambium/protocol';
import { serverId } from '../database/identity.ts';
import type { SyncAnswer, User } from '../writer/writer.ts';
import { applyOne } from './applyOne.ts';
import { foresee } from './foresee.ts';
import { examinationOf, type Examination, type Examined } from './examine.ts';
import { parseJson } from './json.ts';
import { groupOf, groupsOf, incoming, isTooLarge, type Incoming, type Raw } from './incoming.ts';
import { Outcomes, refusedText } from './outcomes.ts';
import { RefusedRows } from './refused.ts';
import { mayMake, mayTry } from './rights.ts';
import type { Work } from './work.ts';

/** A change made the server fail: its own fault. The transaction is gone; the batch may run again up to `index`. */
export class ChangeFault extends Error {
  readonly index: number;

  constructor(index: number, cause: unknown) {
    super(`change ${index} of a batch failed`, { cause });
    this.name = 'ChangeFault';
    this.index = index;
  }
}

/** Changes from which on loading their nodes together pays. */
const WORTH_PREFETCH = 8;

/** The result of one change while its group may still fail. */
interface Verdict {
  text: string;
  ok: boolean;
}

/**
 * The path of a batch: from the bytes that came to the results that are answered, within the transaction of `work`.
 *
 * @param end the index of a change that made the server fail before; it and all after it have no effect now
 * @param examined what another thread found out about the very same bytes
 * @throws {Refusal} for what refuses the whole request, `ChangeFault` for a failure of the server's own
 */
export function receive(
  work: Work,
  user: User,
  body: Uint8Array,
  { end, examined }: { end?: number | undefined; examined?: Examined | null | undefined } = {},
): SyncAnswer {
  // 1. Is it a request at all?
  const { request } = parseSyncRequest(parseJson(body));
  const changes = request.changes as Raw[];

  // 2. Is this the database that the client knows, and has everything arrived that comes before this batch?
  if (request.server_id !== undefined && request.server_id !== serverId(work.db)) throw new Refusal('server_changed');
  const outcomes = new Outcomes(work.db, user.pk, request.client_id);
  if (request.after_rev !== undefined && !outcomes.hasSeen(request.after_rev)) {
    throw new Refusal('out_of_order', { details: { last_rev: outcomes.lastRev } });
  }

  // 3. What the batch is about, with one query instead of one a change.
  if (changes.length >= WORTH_PREFETCH) work.store.prefetch(foresee(changes));

  // 4. Each change in the order sent; a group at the place of its first member. When it takes too long, what comes
  //    behind counts as not sent.
  const batch = new Batch(work, user, request.client_id, outcomes, changes, examinationOf(changes, examined));
  const until = end === undefined ? changes.length : outsideGroups(batch.groups, end);
  let index = 0;
  for (let last = 0; index < until; index += 1) {
    if (index > last && work.isLate) break;
    last = Math.max(last, batch.lastOfGroup(changes[index] as Raw) ?? 0);
    try {
      batch.take(changes[index] as Raw, index);
    } catch (error) {
      throw new ChangeFault(outsideGroups(batch.groups, index), error);
    }
  }

  // 5. What became of them is written in the same transaction, so that it is never judged again.
  outcomes.flush(request.acked_rev ?? 0, work.now());
  const results = batch.results.slice(0, index);
  if (end !== undefined && index === until) {
    results.push(refusedText((changes[until] as Raw).rev, 'failed', [protocolError('internal_error')]));
  }
  return {
    client_id: request.client_id,
    results: `[${results.join(',')}]`,
    channel_revs: request.channel_revs,
    last_rev: outcomes.lastRev,
  };
}

/** The last place at or before `index` that cuts no group in two: results are never answered for half a group. */
function outsideGroups(groups: Map<string, Incoming[]>, index: number): number {
  let place = index;
  for (let settled = false; !settled;) {
    settled = true;
    for (const members of groups.values()) {
      const first = members[0]?.index ?? place;
      if (first < place && (members.at(-1)?.index ?? first) >= place) {
        place = first;
        settled = false;
      }
    }
  }
  return place;
}

/** The changes of one request while they are judged one after the other. */
class Batch {
  readonly results: string[] = [];
  readonly groups: Map<string, Incoming[]>;
  readonly #work: Work;
  readonly #user: User;
  readonly #clientId: string;
  readonly #outcomes: Outcomes;
  readonly #examination: Examination;
  readonly #refused = new RefusedRows();

  constructor(
    work: Work,
    user: User,
    clientId: string,
    outcomes: Outcomes,
    changes: readonly Raw[],
    examination: Examination,
  ) {
    this.#work = work;
    this.#user = user;
    this.#clientId = clientId;
    this.#outcomes = outcomes;
    this.#examination = examination;
    this.groups = groupsOf(changes, examination);
  }

  /** The place of the last member of a change's group. */
  lastOfGroup(raw: Raw): number | undefined {
    const group = groupOf(raw);
    return group === undefined ? undefined : this.groups.get(group)?.at(-1)?.index;
  }

  take(raw: Raw, index: number): void {
    if (this.results[index] !== undefined) return;
    const group = groupOf(raw);
    const members = group === undefined ? undefined : this.groups.get(group);
    if (members?.[0]?.index === index) return this.#takeGroup(members);
    const change = incoming(raw, index, this.#examination);
    const known = this.#outcomes.recall(change.rev, change.digest);
    if (known !== undefined) this.results[index] = known;
    else this.#keep(change, this.#judge(change).text);
  }

  /** All or none: the first refusal takes back what the others did. */
  #takeGroup(members: Incoming[]): void {
    const mark = this.#work.mark();
    const { made } = this.#work.store;
    const verdicts = new Map<Incoming, string>();
    let failed = false;
    if (isTooLarge(members)) {
      failed = true;
      for (const member of members) verdicts.set(member, tooLarge(member));
    }
    for (const member of members) {
      const known = this.#outcomes.recall(member.rev, member.digest);
      if (known !== undefined) {
        this.results[member.index] = known;
        if (isRefusal(known)) {
          failed = true;
          verdicts.clear();
        }
      } else if (!failed) {
        const verdict = this.#judge(member);
        // No answer ends within a group, so all of it may be as much work as one change, and no more.
        const isTooMuch = verdict.ok && this.#work.store.made - made > LIMITS.copy;
        failed = !verdict.ok || isTooMuch;
        if (failed) verdicts.clear();
        verdicts.set(member, isTooMuch ? tooLarge(member) : verdict.text);
      }
    }
    if (failed) this.#work.rollback(mark);
    for (const member of members) {
      if (this.results[member.index] !== undefined) continue;
      if (failed) this.#refused.add(member.raw);
      this.#keep(member, verdicts.get(member) ?? rejected(member, [protocolError('group_failed')]));
    }
  }

  #judge(change: Incoming): Verdict {
    const { raw, rev } = change;

    // May the author edit that channel? Unknown and foreign ones are answered alike.
    const channel = normalizeId(raw['channel_id']);
    if (channel !== null && !mayTry(this.#work.store, raw, channel, this.#user)) return this.#disallow(raw);

    // Is it well-formed, whatever the tree may be?
    const parsed = this.#examination.parse(change.index);
    if (!parsed.ok) {
      this.#refused.add(raw);
      return { text: rejected(change, parsed.errors), ok: false };
    }

    if (!mayMake(this.#work.store, parsed.change, this.#user)) return this.#disallow(raw);

    // Does it fit the tree as it is now? If so it takes effect.
    const sender = { author: this.#user, authority: 'user', client_id: this.#clientId, rev } as const;
    const judged = applyOne(this.#work, parsed.change, sender, parsed.ignored);
    if (judged.ok) {
      return { text: `{"rev":${rev},"status":"applied","server_rev":${judged.server_rev}${judged.extras}}`, ok: true };
    }
    const errors = this.#explain(parsed.change, judged.errors);
    this.#refused.add(raw, parsed.change);
    return { text: rejected(change, errors), ok: false };
  }

  #disallow(raw: Raw): Verdict {
    this.#refused.add(raw);
    return { text: refusedText(raw.rev, 'disallowed', [protocolError('forbidden')]), ok: false };
  }

  /** What is missing because this very batch failed to make it is a failed dependency. */
  #explain(change: Change, errors: ProtocolError[]): ProtocolError[] {
    if (!errors.some(({ code }) => code === 'not_found')) return errors;
    if (!this.#refused.isNamedBy(change, this.#work.store)) return errors;
    return errors.map((error) =>
      error.code === 'not_found'
        ? protocolError('dependency_failed', error.field === undefined ? {} : { field: error.field })
        : error,
    );
  }

  #keep(change: Incoming, text: string): void {
    this.#outcomes.keep(change.rev, change.digest, text);
    this.results[change.index] = text;
  }
}

/** Quotes inside a string are escaped in JSON, so the words are found in no message or id. */
function isRefusal(result: string): boolean {
  return !result.includes('"status":"applied"') && !result.includes('"status":"acknowledged"');
}

function tooLarge(change: Incoming): string {
  return rejected(change, [protocolError('too_large', { field: 'group' })]);
}

function rejected(change: Incoming, errors: ProtocolError[]): string {
  return refusedText(change.rev, 'rejected', errors);
}
