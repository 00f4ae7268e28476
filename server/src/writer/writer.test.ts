import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { Refusal, type Id } from '@cambium/protocol';
import { FolderInUse, lockFolder } from '../database/lock.ts';
import { openDatabase } from '../database/open.ts';
import { pull } from '../sync/pull.ts';
import { TestClient, id, testDeps, testWorld } from '../sync/testing/world.ts';
import { ThreadCarrier, threadWriter } from './handle.ts';
import type { Committed } from './writer.ts';

const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'cambium-writer-'));
  folders.push(made);
  return made;
}
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true });
});

describe('the writer in a thread', () => {
  it('answers what is durable, tells what moved, refuses what it should, and closes', async () => {
    const database = join(folder(), 'test.db');
    const world = await testWorld(database);
    const errors: object[] = [];
    const writer = await threadWriter({ database, log: testDeps(errors).log });
    const told: Committed[] = [];
    writer.onCommitted((committed) => told.push(committed));
    const client = new TestClient(writer, world.owner);
    const channel = id();
    expect(await client.verdicts(client.channel(channel), client.topic(channel, id(), channel))).toEqual([
      'applied',
      'applied',
    ]);
    expect(told).toEqual([
      { heads: [{ channel, server_rev: 2 }], roles: [{ channel, user: world.owner.id, role: 'owner' }] },
    ]);

    const many = Array.from({ length: 50 }, (_, i) => client.topic(channel, id(), channel, `${i}`));
    const results = await Promise.all(many.map((change) => client.verdicts(change)));
    expect(results.flat()).toEqual(many.map(() => 'applied'));
    await expect(writer.command('user.add', { username: 'owner' })).rejects.toMatchObject({
      error: { code: 'already_exists' },
    });
    await expect(writer.sync(world.owner, new TextEncoder().encode('{'))).rejects.toBeInstanceOf(Refusal);
    await writer.close();
    await expect(client.send(client.topic(channel, id(), channel))).rejects.toMatchObject({ error: { code: 'busy' } });
    expect(errors).toEqual([]);
    expect(pull(world.connection.raw, world.owner, { [channel]: 0 }).channel_revs).toEqual({ [channel]: 52 });
    world.connection.close();
  });

  it('fails every waiting request and says so when the thread dies', async () => {
    const worker = Object.assign(new EventEmitter(), { postMessage: () => undefined });
    const errors: object[] = [];
    const crashes: Error[] = [];
    const options = { database: '', log: testDeps(errors).log, onCrash: (error: Error) => void crashes.push(error) };
    const carrier = new ThreadCarrier(worker as unknown as Worker, options, () => undefined);
    const waiting = [1, 2].map(() => carrier.send({ kind: 'command', name: 'any', input: null }));
    worker.emit('exit', 1);
    const failed = { ok: false, error: { code: 'internal_error' } };
    expect(await Promise.all(waiting)).toMatchObject([failed, failed]);
    expect(await carrier.send({ kind: 'command', name: 'any', input: null })).toMatchObject(failed);
    expect(crashes).toHaveLength(1);
    expect(errors).toHaveLength(1);
    await carrier.close();
  });

  it('does not start on a database that cannot be opened', async () => {
    const database = join(folder(), 'no', 'such', 'folder.db');
    await expect(threadWriter({ database, log: testDeps().log })).rejects.toThrow('directory does not exist');
  });
});

describe('one commit for many jobs', () => {
  it('answers each of them as though it were alone', async () => {
    const world = await testWorld();
    const client = new TestClient(world.writer, world.owner);
    const channel = id();
    const write = (key: Id) =>
      ({
        type: 'CREATED',
        table: 'contentnode',
        key,
        channel_id: channel,
        obj: { parent: channel, kind: 'topic', title: 'R' },
      }) as const;
    const [made, own, refused, member] = await Promise.allSettled([
      client.send(client.channel(channel)),
      world.writer.commit({ user: world.owner, writes: [write(id())], authority: 'user' }),
      world.writer.commit({ user: world.owner, writes: [write(id()), write(channel)], authority: 'user' }),
      world.writer.command('member.set', { channel, user: world.stranger.id, role: 'editor', by: world.owner.pk }),
    ]);
    expect([made.status, own.status, refused.status, member.status]).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(own).toMatchObject({
      value: {
        ok: true,
        results: [{ status: 'applied', server_rev: 2 }],
        entries: [{ client_id: null, rev: null, user_id: world.owner.id }],
      },
    });
    expect(refused).toMatchObject({
      value: { ok: false, results: [{ errors: [{ code: 'group_failed' }] }, { errors: [{ code: 'already_exists' }] }] },
    });
    const other = new TestClient(world.writer, world.stranger);
    expect(await other.verdicts(other.topic(channel, id(), channel))).toEqual(['applied']);
    expect(pull(world.connection.raw, world.owner, { [channel]: 0 }).channel_revs).toEqual({ [channel]: 3 });
  });
});

describe('writes of REST', () => {
  it('answer a key that comes again with what was answered, and refuse it for another body', async () => {
    const world = await testWorld();
    const channel = id();
    const request = (name: string, digest: number) => ({
      user: world.owner,
      writes: [{ type: 'CREATED', table: 'channel', key: channel, channel_id: channel, obj: { name } }] as const,
      authority: 'user' as const,
      idempotency: { key: 'k', digest: new Uint8Array([digest]) },
    });
    const first = await world.writer.commit({ ...request('A', 1), writes: [...request('A', 1).writes] });
    expect(await world.writer.commit({ ...request('A', 1), writes: [...request('A', 1).writes] })).toEqual(first);
    await expect(
      world.writer.commit({ ...request('B', 2), writes: [...request('B', 2).writes] }),
    ).rejects.toMatchObject({ error: { code: 'rev_reused' } });
    expect(world.connection.raw.prepare('SELECT count(*) AS n FROM change_log').get()).toEqual({ n: 1 });
  });
});

describe('members', () => {
  it('keep at least one owner, and are managed by owners only', async () => {
    const world = await testWorld();
    const { writer, owner, stranger } = world;
    const client = new TestClient(writer, owner);
    const channel = id();
    await client.send(client.channel(channel));
    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => 'done',
        (error: Refusal) => error.error.code,
      );
    expect(await code(writer.command('member.remove', { channel, user: owner.id, by: owner.pk }))).toBe('last_owner');
    expect(await code(writer.command('member.set', { channel, user: owner.id, role: 'viewer', by: owner.pk }))).toBe(
      'last_owner',
    );
    expect(
      await code(writer.command('member.set', { channel, user: stranger.id, role: 'owner', by: stranger.pk })),
    ).toBe('not_found');
    expect(await code(writer.command('member.set', { channel, user: stranger.id, role: 'editor', by: owner.pk }))).toBe(
      'done',
    );
    expect(await code(writer.command('member.remove', { channel, user: owner.id, by: stranger.pk }))).toBe('forbidden');
    await writer.command('member.set', { channel, user: stranger.id, role: 'owner', by: owner.pk });
    const removals = [
      { user: owner.id, by: stranger.pk },
      { user: stranger.id, by: owner.pk },
    ].map((input) => code(writer.command('member.remove', { channel, ...input })));
    expect((await Promise.all(removals)).toSorted()).toEqual(['done', 'not_found']);
  });
});

describe('a data folder', () => {
  it('has one owner at a time', () => {
    const path = folder();
    const lock = lockFolder(path);
    expect(() => lockFolder(path)).toThrow(FolderInUse);
    lock.release();
    lockFolder(path).release();
  });

  it('keeps what was committed and nothing of what was not', async () => {
    const database = join(folder(), 'test.db');
    const world = await testWorld(database);
    const client = new TestClient(world.writer, world.owner);
    const channel = id();
    await client.send(client.channel(channel));
    // A transaction that is cut off before its COMMIT, as by a killed process.
    world.connection.raw.exec(`BEGIN IMMEDIATE; UPDATE channel SET head = 99; DELETE FROM node`);
    world.connection.close();
    const again = openDatabase(database);
    expect(again.raw.prepare('SELECT head FROM channel').get()).toEqual({ head: 1 });
    expect(again.raw.prepare('SELECT count(*) AS n FROM node').get()).toEqual({ n: 1 });
    again.close();
  });
});
