import { expect, it } from 'vitest';
import { EVENTS, next, PHASES } from './machine.ts';

it('has a way out of every phase but the last', () => {
  for (const phase of PHASES) {
    const reached = new Set(EVENTS.map((event) => next(phase, event)));
    expect(PHASES).toEqual(expect.arrayContaining([...reached]));
    expect(reached.has('closed')).toBe(true);
    expect(reached.size > 1).toBe(phase !== 'closed');
  }
});

it('tries nothing without a token that is taken, or offline', () => {
  for (const event of EVENTS) {
    if (event !== 'token' && event !== 'offline') expect(next('unauthorized', event)).not.toBe('syncing');
    if (event !== 'online') expect(next('offline', event)).not.toBe('syncing');
  }
});

it('never forgets that something came while a run was under way', () => {
  expect(next(next('syncing', 'wake'), 'done')).toBe('syncing');
});

it('waits out its pause, whatever is queued meanwhile', () => {
  expect(next('waiting', 'wake')).toBe('waiting');
  expect(next('waiting', 'timer')).toBe('syncing');
});
