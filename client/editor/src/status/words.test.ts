import type { SyncStatus } from '@cambium/client';
import { expect, test } from 'vitest';

import { statusInWords } from './words.ts';

const status = (more: Partial<SyncStatus>) =>
  ({
    phase: 'idle',
    pending: 0,
    aside: 0,
    oldestPendingAt: null,
    lastAckAt: null,
    blockedBy: null,
    ...more,
  }) as SyncStatus;

test('says saved only when nothing waits', () => {
  expect(statusInWords(status({}), 0)).toMatchObject({ tone: 'good', short: 'All changes saved' });
  expect(statusInWords(status({ pending: 2 }), 0)).toMatchObject({ tone: 'busy', short: 'Saving 2 changes…' });
  expect(statusInWords(status({}), 1)).toMatchObject({ tone: 'busy', short: 'Uploading 1 file…' });
});

test('does not call everything saved while something was refused', () => {
  expect(statusInWords(status({}), 0, 1)).toMatchObject({ tone: 'bad', short: 'Everything else is saved' });
  expect(statusInWords(status({ pending: 1 }), 0, 1).short).toBe('Saving 1 change…');
});

test('does not call saved, nor on its way, what was set aside', () => {
  expect(statusInWords(status({ pending: 1, aside: 1 }), 0)).toMatchObject({
    tone: 'bad',
    short: '1 change set aside',
  });
  expect(statusInWords(status({ pending: 2, aside: 1 }), 0).short).toBe('Saving 2 changes…');
});

test('says what is kept while it cannot be sent', () => {
  expect(statusInWords(status({ phase: 'offline', pending: 1 }), 0).long).toBe(
    '1 change is kept on this device and sent later.',
  );
  expect(statusInWords(status({ phase: 'unauthorized', pending: 2 }), 0).long).toContain('2 changes are kept');
  expect(statusInWords(status({ blockedBy: 7, pending: 3, stalled: 'blocked' }), 0).tone).toBe('bad');
});

test('tells what is kept while the server cannot be reached, whatever the browser says of the network', () => {
  expect(statusInWords(status({ phase: 'waiting', pending: 1 }), 0).short).toBe('Trying to connect, 1 change kept');
  expect(statusInWords(status({ phase: 'offline', pending: 1 }), 0).short).toBe('Offline, 1 change kept');
  expect(statusInWords(status({ phase: 'waiting' }), 0).short).toBe('Trying to connect…');
});
