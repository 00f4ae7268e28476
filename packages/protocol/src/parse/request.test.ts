import { describe, expect, test } from 'vitest';
import { Refusal } from '../error.ts';
import { LIMITS } from '../limit.ts';
import type { SyncRequest } from '../sync.ts';
import { parseSyncRequest } from './request.ts';

const A = 'a'.repeat(32);
const C = 'c'.repeat(32);
const SHOUTED = 'CCCCCCCC-CCCC-CCCC-CCCC-CCCCCCCCCCCC';

function refusal(body: unknown): Refusal {
  try {
    parseSyncRequest(body);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('was accepted');
}

test('everything but client_id is optional', () => {
  expect(parseSyncRequest({ client_id: A }).request).toEqual({ client_id: A, changes: [], channel_revs: {} });
});

test('what a client sends is what a server reads', () => {
  const sent: SyncRequest = {
    client_id: A,
    protocol: 1,
    changes: [{ rev: 1, type: 'DELETED', table: 'contentnode', key: A, channel_id: C }],
    channel_revs: { [C]: 4 },
    acked_rev: 0,
    after_rev: 0,
    server_id: C,
  };
  const received: SyncRequest = parseSyncRequest(sent).request as SyncRequest;
  expect(received).toEqual(sent);
});

test('ids are normalised, as keys too; of two cursors of one channel the earlier counts', () => {
  const { request } = parseSyncRequest({
    client_id: A.toUpperCase(),
    channel_revs: { [SHOUTED]: 7, [C]: 3 },
    server_id: SHOUTED,
  });
  expect(request).toMatchObject({ client_id: A, channel_revs: { [C]: 3 }, server_id: C });
});

test('a cursor beyond every log is no error', () => {
  expect(parseSyncRequest({ client_id: A, channel_revs: { [C]: 2 ** 60 } }).request.channel_revs).toEqual({
    [C]: 2 ** 60,
  });
});

describe('refused as a whole', () => {
  test.each<[string, unknown, string, string | undefined]>([
    ...[null, 42, 'x', [], true].map((body): [string, unknown, string, undefined] => [
      JSON.stringify(body),
      body,
      'invalid_value',
      undefined,
    ]),
    ['no client_id', {}, 'missing_field', 'client_id'],
    ['client_id null', { client_id: null }, 'missing_field', 'client_id'],
    ...[7, 'abc', [A], { $ne: null }].map((client_id): [string, unknown, string, string] => [
      `client_id ${JSON.stringify(client_id)}`,
      { client_id },
      'invalid_value',
      'client_id',
    ]),
    ['protocol 2', { client_id: A, protocol: 2 }, 'unsupported_protocol', 'protocol'],
    ['protocol in words', { client_id: A, protocol: 'one' }, 'unsupported_protocol', 'protocol'],
    ...[null, {}, 'all', 3].map((changes): [string, unknown, string, string] => [
      `changes ${JSON.stringify(changes)}`,
      { client_id: A, changes },
      'invalid_value',
      'changes',
    ]),
    ...[[1], 'x', 5].map((channel_revs): [string, unknown, string, string] => [
      `channel_revs ${JSON.stringify(channel_revs)}`,
      { client_id: A, channel_revs },
      'invalid_value',
      'channel_revs',
    ]),
    ...[-1, 1.5, '0', null, {}].map((rev): [string, unknown, string, string] => [
      `cursor ${JSON.stringify(rev)}`,
      { client_id: A, channel_revs: { [C]: rev } },
      'invalid_value',
      `channel_revs.${C}`,
    ]),
    ['a channel that is none', { client_id: A, channel_revs: { x: 1 } }, 'invalid_value', 'channel_revs.x'],
    ...['acked_rev', 'after_rev'].flatMap((name) =>
      ['x', -1, 0.5].map((rev): [string, unknown, string, string] => [
        `${name} ${rev}`,
        { client_id: A, [name]: rev },
        'invalid_value',
        name,
      ]),
    ),
    ['server_id', { client_id: A, server_id: 'x' }, 'invalid_value', 'server_id'],
  ])('%s', (_what, body, code, field) => {
    const { error, status } = refusal(body);
    expect([error.code, error.field, status]).toEqual([code, field, 400]);
  });

  test.each([null, 5, 'CREATED', [], {}, { rev: 0 }, { rev: '1' }, { rev: 1e300 }])('a change that is %j', (change) => {
    expect(refusal({ client_id: A, changes: [{ rev: 1 }, change] })).toMatchObject({
      status: 400,
      error: { details: { index: 1 } },
    });
  });

  test('more changes than a request carries', () => {
    const changes = Array.from({ length: LIMITS.changes + 1 }, (_, i) => ({ rev: i + 1 }));
    expect(refusal({ client_id: A, changes })).toMatchObject({ status: 413, error: { code: 'too_large' } });
    expect(parseSyncRequest({ client_id: A, changes: changes.slice(1) }).request.changes).toHaveLength(LIMITS.changes);
  });

  test('more cursors than a request carries', () => {
    const cursor = (_: unknown, i: number): [string, number] => [i.toString(16).padStart(32, '0'), 1];
    const channel_revs = Object.fromEntries(Array.from({ length: LIMITS.cursors }, cursor));
    expect(Object.keys(parseSyncRequest({ client_id: A, channel_revs }).request.channel_revs)).toHaveLength(
      LIMITS.cursors,
    );
    expect(refusal({ client_id: A, channel_revs: { ...channel_revs, [A]: 1 } })).toMatchObject({
      status: 413,
      error: { code: 'too_large', field: 'channel_revs' },
    });
  });
});
