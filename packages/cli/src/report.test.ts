import { mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explain } from './report.ts';

/** What a call throws. */
async function thrown(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('a server that is not there is told in one line, with the reason of the network', async () => {
  const error = await thrown(() => fetch('http://127.0.0.1:1/'));
  const { text, code } = explain(error);
  expect([text.split('\n').length, code]).toEqual([1, 1]);
  expect(text).toMatch(/^the server cannot be reached: ./);
});

test('a file that the system refuses is told in one line, with its path', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'cambium-report-')), 'none', 'file');
  const { text, code } = explain(await thrown(() => openSync(path, 'w')));
  expect([text.split('\n').length, code]).toEqual([1, 1]);
  expect(text).toContain(path);
});

test('a fault of the program keeps its trace, even where it looks like one of the network', () => {
  for (const fault of [new Error('a fault'), new TypeError('x is not a function')])
    expect(explain(fault).text).toBe(fault.stack);
});
