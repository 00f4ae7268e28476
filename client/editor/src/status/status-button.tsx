import { useRef, useState } from 'react';

import { useClient } from '../shared/client.ts';
import { Icon } from '../shared/icon.tsx';
import { useLive } from '../shared/live.ts';
import { StatusPanel } from './status-panel.tsx';
import { statusInWords } from './words.ts';

/** How things stand, always in view; opens the panel that says more. */
export function StatusButton() {
  const client = useClient();
  const status = useLive(client.status$);
  const uploads = useLive(client.files.uploads$) ?? [];
  const rejected = useLive(client.rejected$) ?? [];
  const conflicts = useLive(client.conflicts$) ?? [];
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  if (!status) return null;
  const stopped = uploads.filter(({ state }) => state === 'refused').length;
  const refused = rejected.length + stopped;
  const words = statusInWords(status, uploads.length - stopped, refused);
  return (
    <div className="status">
      <button
        ref={button}
        className={`status-button tone-${words.tone}`}
        aria-expanded={open}
        aria-haspopup="dialog"
        onClick={() => setOpen(!open)}
      >
        <Icon name={words.icon} />
        <span aria-live="polite">{words.short}</span>
        {refused > 0 && <span className="badge">{refused} refused</span>}
        {conflicts.length > 0 && <span className="badge soft">{conflicts.length} changed by two</span>}
      </button>
      {open && (
        <StatusPanel
          words={words}
          status={status}
          uploads={uploads}
          rejected={rejected}
          conflicts={conflicts}
          onClose={() => {
            setOpen(false);
            button.current?.focus();
          }}
        />
      )}
    </div>
  );
}
