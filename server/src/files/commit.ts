import { Refusal } from '@cambium/protocol';
import type { CommitResult } from '../writer/writer.ts';

/** Throws what a commit was refused for. */
export function assertApplied(result: CommitResult): asserts result is Extract<CommitResult, { ok: true }> {
  if (result.ok) return;
  for (const each of result.results) {
    if (!('errors' in each)) continue;
    // Refused because of another one of the same commit says nothing; that other one does.
    const error = each.errors.find(({ code }) => code !== 'group_failed' && code !== 'dependency_failed');
    if (error) throw new Refusal(error.code, error);
  }
  throw new Refusal('internal_error');
}
