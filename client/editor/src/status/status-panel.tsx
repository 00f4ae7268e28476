import type { ConflictRecord, Rescue, SyncStatus, UploadRow } from '@cambium/client';
import { useEffect, useRef } from 'react';

import { UploadProgress } from '../details/upload-progress.tsx';
import { useClient } from '../shared/client.ts';
import { ago } from '../shared/words.ts';
import { Blocked } from './blocked.tsx';
import { Overwritten } from './overwritten.tsx';
import { Rejected } from './rejected.tsx';
import { SignInAgain } from './sign-in-again.tsx';
import type { StatusWords } from './words.ts';

interface Props {
  words: StatusWords;
  status: SyncStatus;
  uploads: readonly UploadRow[];
  rejected: readonly Rescue[];
  conflicts: readonly ConflictRecord[];
  onClose: () => void;
}

/** The whole truth about what is saved: what waits, since when, what was refused and why, what is uploading. */
export function StatusPanel({ words, status, uploads, rejected, conflicts, onClose }: Props) {
  const client = useClient();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.focus();
    const outside = (event: PointerEvent) => {
      if (!box.current?.parentElement?.contains(event.target as Node)) onClose();
    };
    addEventListener('pointerdown', outside);
    return () => removeEventListener('pointerdown', outside);
  }, [onClose]);
  const now = Date.now();
  return (
    <div
      ref={box}
      className="status-panel"
      role="dialog"
      aria-label="Synchronisation"
      tabIndex={-1}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <p className="status-long">{words.long}</p>
      {status.phase === 'unauthorized' && <SignInAgain />}
      <dl>
        <dt>Waiting</dt>
        <dd>
          {status.pending === 0 ? 'nothing' : status.pending.toLocaleString()}
          {status.oldestPendingAt !== null && `, the oldest from ${ago(status.oldestPendingAt, now)}`}
        </dd>
        <dt>Last confirmed</dt>
        <dd>{status.lastAckAt === null ? 'not yet' : ago(status.lastAckAt, now)}</dd>
      </dl>
      <label className="check">
        <input
          type="checkbox"
          checked={client.isKeptOffline}
          onChange={(event) => (event.target.checked ? client.goOffline() : client.goOnline())}
        />
        <span>Work offline</span>
      </label>
      <Blocked status={status} />
      {rejected.length > 0 && (
        <section aria-label="Refused changes">
          <h3>Refused</h3>
          {rejected.map((rescue) => (
            <Rejected key={rescue.rev} rescue={rescue} />
          ))}
        </section>
      )}
      {conflicts.length > 0 && (
        <section aria-label="Changed by two">
          <h3>Changed by two</h3>
          {conflicts.map((conflict) => (
            <Overwritten key={`${conflict.client_id}:${conflict.rev}`} conflict={conflict} />
          ))}
        </section>
      )}
      {uploads.length > 0 && (
        <section aria-label="Uploads">
          <h3>Files on their way</h3>
          {uploads.map((upload) => (
            <div key={upload.id} className="upload-item">
              <span className="file-name">{upload.name}</span>
              <UploadProgress upload={upload} />
            </div>
          ))}
        </section>
      )}
    </div>
  );
}
