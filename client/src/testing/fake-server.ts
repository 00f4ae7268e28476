import {
  canonicalJson,
  type ChangeResult,
  derivedId,
  type Id,
  isEqualJson,
  isJsonObject,
  type JsonObject,
  LIMITS,
  type LogEntry,
  parseChange,
  protocolError,
  type ProtocolError,
  type SyncRequest,
  type SyncResponse,
  type Table,
} from '@cambium/protocol';
import { applyChange, applyEntry, MemoryTree } from '@cambium/tree';

type RawChange = JsonObject & { rev: number };

/** What may be done to one request before or after it is answered; a test's hand in the network. */
export interface Fault {
  /** Answers instead of the server. */
  before?(path: string, body: unknown): Response | Error | undefined;
  /** Looks at, or replaces, what the server answered; an Error is an answer that was lost. */
  after?(path: string, body: unknown, answer: unknown): Error | undefined;
}

interface Stream {
  controller: ReadableStreamDefaultController<Uint8Array>;
  /** The channels that are listened to; none: all. */
  channels: string[];
}

/**
 * A server for tests of the client: the reducer over memory, a log, outcomes. It speaks the contract as far as the
 * client uses it, and forgets nothing.
 */
export class FakeServer {
  readonly url = 'http://fake.test';
  tree = new MemoryTree();
  log = new Map<Id, LogEntry[]>();
  outcomes = new Map<string, { digest: string; result: ChangeResult }>();
  lastRevs = new Map<Id, number>();
  serverId: Id = '5e'.repeat(16);
  readonly users = new Map<string, Id>();
  /** Channels that are shown to nobody. */
  readonly hidden = new Set<Id>();
  readonly fault: Fault = {};
  /** Entries of one answer. */
  pageSize = 1000;
  /** Changes or groups that one request gets judged at most; what follows them counts as not sent. */
  patience = Infinity;
  /** Leave out of own entries what their change says, as a server may in the answer to that very request. */
  shortens = false;
  requests: { path: string; body: unknown }[] = [];
  #time = Date.parse('2026-01-01T00:00:00.000Z');
  readonly #streams = new Set<Stream>();

  user(token: string): Id {
    const hex = [...new TextEncoder().encode(token.padEnd(16))].map((byte) => byte.toString(16).padStart(2, '0'));
    const id = derivedId('0'.repeat(32), hex.join('').slice(0, 32));
    this.users.set(token, id);
    return id;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const path = url.pathname + url.search;
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined;
    this.requests.push({ path, body });
    await Promise.resolve();
    const instead = this.fault.before?.(path, body);
    if (instead instanceof Error) throw instead;
    if (instead) return instead;
    const token = new Headers(init?.headers).get('Authorization')?.replace('Token ', '') ?? '';
    const user = this.users.get(token);
    if (!user) return failure(401, protocolError('unauthenticated'));
    if (url.pathname === '/api/sync/events') return this.#events(url.searchParams.getAll('channel'), init?.signal);
    const answer = this.#answer(url, body, user);
    const lost = this.fault.after?.(path, body, answer);
    if (lost) throw lost;
    return answer instanceof Response ? answer : Response.json(answer);
  };

  #answer(url: URL, body: unknown, user: Id): unknown {
    const [, , resource, id, part] = url.pathname.split('/');
    if (url.pathname === '/api/user/me') return { id: user, username: 'somebody' };
    if (url.pathname === '/api/sync') return this.#sync(body as SyncRequest, user);
    if (resource !== 'channel') return failure(404, protocolError('not_found'));
    if (id === undefined) return { results: this.#channels(), more: false };
    const log = this.log.get(id);
    if (!log || this.hidden.has(id)) return failure(404, protocolError('not_found'));
    if (part === 'snapshot') return this.#snapshot(id, log.length);
    if (part === 'changes') {
      const after = Number(url.searchParams.get('after'));
      return { results: log.slice(after, after + Number(url.searchParams.get('limit'))), more: false };
    }
    return Response.json(this.tree.row('channel', id), { headers: { 'Cambium-Rev': String(log.length) } });
  }

  #channels(): unknown[] {
    return [...this.log.keys()]
      .filter((id) => !this.hidden.has(id))
      .map((id) => ({ ...this.tree.row('channel', id), role: 'owner' }));
  }

  #sync(request: SyncRequest, user: Id): unknown {
    if (Object.keys(request.channel_revs ?? {}).length > LIMITS.cursors)
      return failure(413, protocolError('too_large', { field: 'channel_revs' }));
    if (request.server_id !== undefined && request.server_id !== this.serverId) {
      return failure(409, protocolError('server_changed'));
    }
    const lastRev = this.lastRevs.get(request.client_id) ?? 0;
    if ((request.after_rev ?? 0) > lastRev)
      return failure(409, protocolError('out_of_order', { details: { last_rev: lastRev } }));
    const changes = (request.changes ?? []) as unknown as RawChange[];
    const answer = this.#pull(request, this.#judgeAll(changes, request.client_id, user));
    if (!this.shortens) return answer;
    const sent = new Map(changes.map((change) => [change.rev, change]));
    const shorten = (entry: LogEntry) => {
      const change = entry.client_id === request.client_id && entry.rev !== null ? sent.get(entry.rev) : undefined;
      return change ? shortened(entry, change) : entry;
    };
    return { ...answer, changes: answer.changes.map(shorten) };
  }

  #judgeAll(changes: RawChange[], client: Id, user: Id): ChangeResult[] {
    const results: ChangeResult[] = [];
    for (let at = 0, units = 0; at < changes.length && units < this.patience; units += 1) {
      const group = changes[at]?.['group'];
      let end = at + 1;
      while (group !== undefined && end < changes.length && changes[end]?.['group'] === group) end += 1;
      results.push(...this.#judgeUnit(changes.slice(at, end), client, user));
      at = end;
    }
    return results;
  }

  /** One change, or one group: judged on a copy of the tree, so that a refused one leaves no trace. */
  #judgeUnit(unit: RawChange[], client: Id, user: Id): ChangeResult[] {
    const known = unit.map((raw) => this.#known(raw, client));
    if (known.every((result) => result !== null)) return known;
    const trial = unit.length > 1 ? this.#copyOfTree() : this.tree;
    const errors = new Map<RawChange, ProtocolError[]>();
    const drafts: { raw: RawChange; entries: Omit<LogEntry, 'server_rev'>[] }[] = [];
    for (const raw of unit) {
      const at = new Date((this.#time += 1)).toISOString();
      const parsed = parseChange(raw);
      if (!parsed.ok) {
        errors.set(raw, parsed.errors);
        continue;
      }
      const outcome = applyChange(parsed.change, { at, user, authority: 'user' }, trial);
      if (!outcome.ok) {
        errors.set(raw, outcome.errors);
        continue;
      }
      const entries = outcome.entries.map((entry, index) => {
        const own = index === 0 ? { client_id: client, rev: raw.rev } : { client_id: null, rev: null };
        return { ...entry, ...own, user_id: user, at } as Omit<LogEntry, 'server_rev'>;
      });
      for (const entry of entries) if (unit.length > 1) trial.apply(applyEntry(entry, trial));
      drafts.push({ raw, entries });
    }
    if (errors.size > 0) {
      return unit.map((raw) =>
        this.#keep(raw, client, {
          rev: raw.rev,
          status: 'rejected',
          errors: errors.get(raw) ?? [protocolError('group_failed')],
        }),
      );
    }
    return drafts.map(({ raw, entries }) => {
      const [first] = entries.map((entry) => this.commit(entry));
      return this.#keep(raw, client, { rev: raw.rev, status: 'applied', server_rev: first?.server_rev ?? 0 });
    });
  }

  #known(raw: RawChange, client: Id): ChangeResult | null {
    const known = this.outcomes.get(`${client}:${raw.rev}`);
    if (!known) return null;
    if (known.digest === digestOf(raw)) return known.result;
    return { rev: raw.rev, status: 'rejected', errors: [protocolError('rev_reused')] };
  }

  #keep(raw: RawChange, client: Id, result: ChangeResult): ChangeResult {
    this.outcomes.set(`${client}:${raw.rev}`, { digest: digestOf(raw), result });
    this.lastRevs.set(client, Math.max(this.lastRevs.get(client) ?? 0, raw.rev));
    return result;
  }

  /** Puts an entry into the log and the tree. */
  commit(draft: Omit<LogEntry, 'server_rev'>): LogEntry {
    const log = this.log.get(draft.channel_id) ?? [];
    this.log.set(draft.channel_id, log);
    const entry: LogEntry = { ...draft, server_rev: log.length + 1 };
    log.push(entry);
    this.tree.apply(applyEntry(entry, this.tree));
    this.#tell('rev', entry.channel_id, { server_rev: entry.server_rev });
    return entry;
  }

  /** Tells everybody who listens of a role that was gained, changed or lost. */
  announce(channel: Id, role: string | null): void {
    this.#tell('channel', channel, { role });
  }

  #tell(event: string, channel: Id, more: JsonObject): void {
    const data = JSON.stringify({ channel_id: channel, ...more });
    for (const { controller, channels } of this.#streams)
      if (channels.length === 0 || channels.includes(channel))
        controller.enqueue(new TextEncoder().encode(`event: ${event}\ndata: ${data}\n\n`));
  }

  #copyOfTree(): MemoryTree {
    return replay([...this.log.values()].flat());
  }

  #pull(request: SyncRequest, results: ChangeResult[]): SyncResponse {
    const answer: SyncResponse = {
      results,
      changes: [],
      channel_revs: {},
      more: false,
      server_id: this.serverId,
      last_rev: this.lastRevs.get(request.client_id) ?? 0,
      unavailable: [],
    };
    for (const [channel, rev] of Object.entries(request.channel_revs ?? {})) {
      const log = this.log.get(channel);
      if (!log || this.hidden.has(channel)) {
        answer.unavailable?.push(channel);
        continue;
      }
      if (rev > log.length) {
        answer.snapshot_required = [...(answer.snapshot_required ?? []), channel];
        continue;
      }
      const page = log.slice(rev, rev + this.pageSize - answer.changes.length);
      answer.changes.push(...(structuredClone(page) as LogEntry[]));
      answer.channel_revs[channel] = rev + page.length;
      if (rev + page.length < log.length) answer.more = true;
    }
    return answer;
  }

  #snapshot(channel: Id, rev: number): Response {
    const lines: unknown[] = [
      { channel_id: channel, server_rev: rev, nodes: this.tree.order(channel).length, files: 0 },
    ];
    const tables: Table[] = ['contentnode', 'assessmentitem', 'contentnode_prerequisite', 'file'];
    for (const table of tables) {
      for (const stored of this.tree.rows(channel)) {
        if (stored.table === table) lines.push({ table, row: restRow(stored.row as unknown as JsonObject) });
      }
    }
    lines.push({ end: true });
    return new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  #events(channels: string[], signal: AbortSignal | null | undefined): Response {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const stream = { controller, channels };
        this.#streams.add(stream);
        signal?.addEventListener('abort', () => {
          if (this.#streams.delete(stream)) controller.error(new DOMException('aborted', 'AbortError'));
        });
      },
    });
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
  }

  /** A backup of everything; the returned function restores it, under another server_id. */
  backup(): () => void {
    const log = structuredClone(this.log);
    const outcomes = structuredClone(this.outcomes);
    const lastRevs = structuredClone(this.lastRevs);
    return () => {
      this.log = structuredClone(log);
      this.outcomes = structuredClone(outcomes);
      this.lastRevs = structuredClone(lastRevs);
      this.tree = replay([...this.log.values()].flat());
      this.serverId = derivedId(this.serverId, this.serverId);
    };
  }
}

export function replay(log: readonly LogEntry[]): MemoryTree {
  const tree = new MemoryTree();
  for (const entry of log) tree.apply(applyEntry(entry, tree));
  return tree;
}

/** What the entry has and the change has not: its `mods` are laid over the change as sent. */
function shortened(entry: LogEntry, change: RawChange): LogEntry {
  const { obj, mods, rows: _rows, rows_at: _rowsAt, ...rest } = entry;
  const told = (full: JsonObject | undefined, sent: unknown): JsonObject =>
    Object.fromEntries(
      Object.entries(full ?? {}).filter(([path, value]) => !isEqualJson(value, isJsonObject(sent) ? sent[path] : null)),
    );
  if (entry.type === 'CREATED') return { ...rest, mods: told(obj as JsonObject, change['obj']) } as LogEntry;
  if (entry.type === 'UPDATED') return { ...rest, mods: told(mods as JsonObject, change['mods']) } as LogEntry;
  return rest as LogEntry;
}

function digestOf({ rev: _rev, ...raw }: RawChange): string {
  return canonicalJson(raw);
}

function restRow(row: JsonObject): JsonObject {
  return isJsonObject(row['tags']) ? { ...row, tags: Object.keys(row['tags']), has_children: false } : row;
}

function failure(status: number, error: ProtocolError): Response {
  return Response.json({ error }, { status });
}
