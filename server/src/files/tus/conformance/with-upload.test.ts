import { expect } from 'vitest';
import { BYTES, contentOf, expectOffset, onServer, testRows, type Row } from './testing/rows.ts';
import { openWire, sendUntilAnswered } from './testing/wire.ts';

const MAX = 33_554_432;
const at = onServer({ maxFileSize: MAX });
const urlOf = (answer: Response) => String(answer.headers.get('Location'));

const ROWS: Row[] = [
  [
    'MUST',
    'a creation may bring all of it',
    async () => {
      const made = await at.tus.create(6, undefined, BYTES, 'abcdef');
      expect([made.status, made.headers.get('Upload-Offset')]).toEqual([201, '6']);
      expect((await contentOf(at, urlOf(made))).toString()).toBe('abcdef');
    },
  ],
  [
    'MUST',
    'or its beginning, and PATCH the rest',
    async () => {
      const made = await at.tus.create(6, undefined, BYTES, 'abc');
      expect([made.status, made.headers.get('Upload-Offset')]).toEqual([201, '3']);
      expect((await at.tus.patch(urlOf(made), 3, 'def')).status).toBe(204);
      expect((await contentOf(at, urlOf(made))).toString()).toBe('abcdef');
    },
  ],
  [
    'MUST',
    'but not more than it',
    async () => expect((await at.tus.create(3, undefined, BYTES, 'abcd')).status).toBe(413),
  ],
  [
    'NEED',
    'a body of another type is not taken for bytes',
    async () => {
      const made = await at.tus.create(3, undefined, { 'Content-Type': 'text/plain' }, 'abc');
      expect(made.status).toBe(201);
      await expectOffset(at, urlOf(made), 0);
    },
  ],
  [
    'SHOULD',
    'Expect: 100-continue is answered with 100, then 201',
    async () => {
      const wire = await openWire(`${at.server.url}/api/upload`);
      wire.head('POST', { ...BYTES, 'Upload-Length': 3, 'Content-Length': 3, Expect: '100-continue' });
      await wire.hear(/^HTTP\/1\.1 100 /);
      wire.write('abc');
      await wire.hear(/HTTP\/1\.1 201 [^]*Upload-Offset: 3\r\n/i);
      wire.cut();
    },
  ],
  [
    'NEED',
    'the length may come later all the same',
    async () => {
      const made = await at.tus.create(null, undefined, BYTES, 'abc');
      expect([made.status, made.headers.get('Upload-Offset')]).toEqual([201, '3']);
      expect((await at.tus.patch(urlOf(made), 3, 'def', { 'Upload-Length': '6' })).status).toBe(204);
      expect((await contentOf(at, urlOf(made))).toString()).toBe('abcdef');
    },
  ],
  [
    'NEED',
    'the type of bytes without any is a creation like others',
    async () => {
      const made = await at.tus.create(3, undefined, BYTES, '');
      expect([made.status, made.headers.get('Upload-Offset')]).toEqual([201, '0']);
    },
  ],
  [
    'NEED',
    'one that is too long is refused before its body was sent',
    async () => {
      const wire = await openWire(`${at.server.url}/api/upload`);
      wire.head('POST', { ...BYTES, 'Upload-Length': MAX + 1, 'Content-Length': MAX + 1 });
      const sent = await sendUntilAnswered(wire, MAX + 1);
      await wire.hear(/^HTTP\/1\.1 413 /);
      wire.cut();
      expect(sent).toBeLessThan(MAX / 2);
    },
  ],
];

testRows(ROWS);
