import { statement } from '../database/statement.ts';
import { defineCommand } from './command.ts';

declare module './writer.ts' {
  interface Commands {
    /**
     * Keeps what a request was answered under its idempotency key, beside what became of its writes. Of two that came
     * at once the first answer stays. Returns the one that is kept, or null when the key has no writes.
     */
    'answer.keep': { input: { user: number; key: string; answer: string }; output: string | null };
  }
}

const KEEP = `UPDATE idempotency SET answer = ? WHERE user = ? AND key = ? AND answer IS NULL`;
const KEPT = `SELECT answer FROM idempotency WHERE user = ? AND key = ?`;

defineCommand('answer.keep', ({ db }, { user, key, answer }) => {
  statement(db, KEEP).run(answer, user, key);
  return statement<[number, string], { answer: string }>(db, KEPT).get(user, key)?.answer ?? null;
});
