import { describe, expect, it } from 'vitest';
import { QueueLocker } from './locker.ts';

const never = new AbortController().signal;

describe('QueueLocker', () => {
  it('lets requests in one at a time, in the order in which they came', async () => {
    const locker = new QueueLocker();
    const order: string[] = [];
    let inside = 0;
    await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        const lock = locker.newLock('upload');
        await lock.lock(never, () => undefined);
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 1));
        order.push(name);
        inside -= 1;
        await lock.unlock();
      }),
    );
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  it('asks whoever holds it to come to an end while others wait', async () => {
    const locker = new QueueLocker();
    const asked: string[] = [];
    const [first, second, third] = ['first', 'second', 'third'].map((name) => ({
      lock: locker.newLock('upload'),
      release: () => void asked.push(name),
    })) as [Holder, Holder, Holder];
    await first.lock.lock(never, first.release);
    const entered = second.lock.lock(never, second.release);
    expect(asked).toEqual(['first']);
    const last = third.lock.lock(never, third.release);
    await first.lock.unlock();
    await entered;
    expect(asked).toEqual(['first', 'first', 'second']);
    await second.lock.unlock();
    await last;
    await third.lock.unlock();
  });

  it('forgets who gives up waiting, and keeps other uploads apart', async () => {
    const locker = new QueueLocker();
    const held = locker.newLock('upload');
    await held.lock(never, () => undefined);
    const patience = new AbortController();
    const waiting = locker.newLock('upload').lock(patience.signal, () => undefined);
    patience.abort();
    await expect(waiting).rejects.toMatchObject({ status_code: 423 });
    await locker.newLock('other').lock(never, () => undefined);
    await held.unlock();
    await locker.newLock('upload').lock(never, () => undefined);
    await expect(locker.newLock('upload').lock(patience.signal, () => undefined)).rejects.toMatchObject({
      status_code: 423,
    });
  });
});

interface Holder {
  lock: ReturnType<QueueLocker['newLock']>;
  release: () => void;
}
