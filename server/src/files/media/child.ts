import { setPriority } from 'node:os';
import { derive } from './derive.ts';
import { describe } from './describe.ts';
import { examine } from './examine.ts';
import { recognize } from './recognize.ts';
import type { Answer, Task } from './task.ts';

/** Bytes of memory that one picture may take. */
const MAX_MEMORY = 768 * 1024 * 1024;
const LOOK_MS = 50;
const NICE = 10;

// Requests come first.
setPriority(NICE);
// The library works outside of this thread, so that it can be watched from here.
setInterval(() => {
  if (process.memoryUsage.rss() > MAX_MEMORY) process.exit(1);
}, LOOK_MS).unref();

async function answer(task: Task): Promise<Answer> {
  try {
    if (task.kind === 'examine') return { ok: true, facts: await examine(task.path) };
    if (task.kind === 'describe') return { ok: true, description: JSON.stringify(await describe(task.path)) };
    if (task.kind === 'recognize') return { ok: true, recognized: await recognize(task.path) };
    await derive(task.path, task.target, task.size);
    return { ok: true };
  } catch {
    // A file that cannot be read is an expected answer, and all that is wanted of it.
    return { ok: false };
  }
}

process.on('message', (task) => {
  void answer(task as Task).then((given) => process.send?.(given));
});
// The server is gone.
process.on('disconnect', () => process.exit(0));
