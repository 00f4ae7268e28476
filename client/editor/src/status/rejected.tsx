import type { Rescue } from '@cambium/client';
import { useClient } from '../shared/client.ts';
import { useAttempt } from '../shared/notice.tsx';
import { count } from '../shared/words.ts';
import { useEditInWords } from './edit-words.ts';

/** One edit that the server refused: what it was, why, what helps, and what to do with it. */
export function Rejected({ rescue }: { rescue: Rescue }) {
  const client = useClient();
  const attempt = useAttempt();
  const { change, errors, dependants } = rescue;
  const what = useEditInWords(change);
  return (
    <article className="rejected">
      <p className="rejected-what">{what}</p>
      {errors.map((error) => (
        <p key={error.code + (error.field ?? '')} className="rejected-why">
          {error.message}
        </p>
      ))}
      <p className="hint">
        {rescue.remedy}
        {dependants.length > 0 && ` ${count(dependants.length, 'later edit')} went with it.`}
      </p>
      <div className="actions">
        <button className="button small" onClick={() => attempt(() => client.retry(rescue.rev))}>
          Retry
        </button>
        <button className="button small" onClick={() => attempt(() => client.discard(rescue.rev))}>
          Discard
        </button>
      </div>
    </article>
  );
}
