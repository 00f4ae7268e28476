import { useEffect, useRef } from 'react';

interface Props {
  title: string;
  text: string;
  /** The words on the button that does it. */
  action: string;
  onAnswer: (yes: boolean) => void;
}

/** Asks before something large is lost. */
export function Confirm({ title, text, action, onAnswer }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const doIt = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    doIt.current?.focus();
  }, []);
  const answer = (yes: boolean) => {
    // Closed first: while it is open, nothing beneath it can be given the keyboard.
    dialog.current?.close();
    onAnswer(yes);
  };
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="confirm-title" onCancel={() => answer(false)}>
      <h2 id="confirm-title">{title}</h2>
      <p>{text}</p>
      <div className="actions">
        <button className="button" onClick={() => answer(false)}>
          Cancel
        </button>
        <button ref={doIt} className="button danger" onClick={() => answer(true)}>
          {action}
        </button>
      </div>
    </dialog>
  );
}
