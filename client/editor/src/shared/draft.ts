import { useEffect, useRef, useState } from 'react';

/** How long typing pauses before it is saved, milliseconds. */
const PAUSE = 800;

/**
 * A text that is being edited: follows the stored value until somebody types, saves when typing pauses, on leaving and
 * when the field goes away. A foreign edit never pulls away what is being typed.
 */
export function useDraft(stored: string, save: (text: string) => void) {
  const [draft, setDraft] = useState<string | null>(null);
  const latest = useRef({ draft, stored, save });
  useEffect(() => {
    latest.current = { draft, stored, save };
  });
  const commit = () => {
    const { draft, stored, save } = latest.current;
    latest.current.draft = null;
    setDraft(null);
    if (draft !== null && draft !== stored) save(draft);
  };
  useEffect(() => {
    if (draft === null || draft === stored) return;
    const timer = setTimeout(() => save(draft), PAUSE);
    return () => clearTimeout(timer);
    // The pause counts from the last key, not from the last drawing.
  }, [draft]);
  useEffect(() => () => commit(), []);
  const cancel = () => {
    latest.current.draft = null;
    setDraft(null);
  };
  return { value: draft ?? stored, change: setDraft, commit, cancel };
}
