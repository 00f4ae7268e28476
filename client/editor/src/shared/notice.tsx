import { Refusal } from '@cambium/protocol';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';

import { AccessContext, READ_ONLY } from './access.tsx';
import { Icon } from './icon.tsx';

type Notify = (message: string) => void;
const NoticeContext = createContext<Notify>(() => undefined);

/** How long a notice stays, milliseconds: long enough to read it twice. */
const STAY = 7_000;

/** Shows one short message at a time at the foot of the page. */
export function Notices({ children }: { children: ReactNode }) {
  const [notice, setNotice] = useState<{ message: string; at: number } | null>(null);
  const notify = useCallback((message: string) => setNotice({ message, at: Date.now() }), []);
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(() => setNotice(null), STAY);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <NoticeContext value={notify}>
      {children}
      <div className="notices" role="status">
        {notice && (
          <div className="notice">
            <Icon name="warning" />
            {notice.message}
            <button className="icon-button" aria-label="Dismiss" onClick={() => setNotice(null)}>
              <Icon name="cross" />
            </button>
          </div>
        )}
      </div>
    </NoticeContext>
  );
}

export function useNotify(): Notify {
  return useContext(NoticeContext);
}

/**
 * Runs an edit, unless the user may only view what is open; an edit that is not possible is told to the user, a fault
 * goes on to the page's error handler.
 */
export function useAttempt(): (edit: () => Promise<unknown>) => void {
  const notify = useNotify();
  const access = useContext(AccessContext);
  return useCallback(
    (edit) => {
      if (access === 'view') return notify(READ_ONLY);
      edit().catch((error: unknown) => {
        if (error instanceof Refusal) notify(error.message);
        else {
          notify('That did not work. Nothing was changed.');
          globalThis.reportError(error);
        }
      });
    },
    [access, notify],
  );
}
