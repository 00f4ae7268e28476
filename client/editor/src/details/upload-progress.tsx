import type { UploadRow } from '@cambium/client';

import { useClient } from '../shared/client.ts';
import { useAttempt } from '../shared/notice.tsx';
import { bytesInWords } from '../shared/words.ts';

/** How far a file is on its way, and what stands in it. */
export function UploadProgress({ upload }: { upload: UploadRow }) {
  const client = useClient();
  const attempt = useAttempt();
  return (
    <div className={`upload upload-${upload.state}`}>
      <progress max={Math.max(1, upload.size)} value={upload.sent} aria-label={`Upload of ${upload.name}`} />
      <span className="hint">{words(upload)}</span>
      {upload.state === 'refused' && (
        <span className="actions">
          <button className="button small" onClick={() => attempt(() => client.files.retry(upload.id))}>
            Retry
          </button>
          <button className="button small" onClick={() => attempt(() => client.files.cancel(upload.id))}>
            Discard
          </button>
        </span>
      )}
    </div>
  );
}

function words({ state, sent, size, error }: UploadRow): string {
  const part = `${bytesInWords(sent)} of ${bytesInWords(size)}`;
  if (state === 'reading') return `Reading, ${part}`;
  if (state === 'sending') return `Uploading, ${part}`;
  if (state === 'verifying') return 'The server checks it';
  if (state === 'refused') return error?.message ?? 'Refused';
  return error ? `Kept here. ${error.message} Trying again.` : 'Kept here until it can be sent';
}
