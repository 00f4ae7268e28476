import { migrate, openDatabase } from '@cambium/server/database';
import { apply, Author, CHANNEL, rowOf } from './tree/author.ts';
import { cpu, runBatch } from './tree/measure.ts';
const author = new Author(7);
const { raw, db } = openDatabase(':memory:');
await migrate(db);
raw.prepare(`INSERT INTO channel(pk, id, name, fields) VALUES (1, ?, 'bench', '{}')`).run(CHANNEL);
const ops = author.course(50000);
runBatch(raw, (b) => { b.insert(rowOf(CHANNEL, null, 'topic'), null, 1); apply(b, ops); });
const mode = process.argv[2];
let ms = 0; const k = Number(process.argv[3]), R = Number(process.argv[4]);
for (let r = 0; r < R; r++) { const o = mode === 'import' ? author.import(k) : author.moveScattered(k); ms += cpu(() => runBatch(raw, (b) => apply(b, o))); }
console.log(mode, k, (ms * 1000 / k / R).toFixed(2), 'us');
