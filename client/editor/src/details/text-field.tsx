import { type KeyboardEvent, useId } from 'react';

import { useDraft } from '../shared/draft.ts';

interface Props {
  label: string;
  value: string;
  max?: number;
  lines?: number;
  /** An empty text is not saved. */
  required?: boolean;
  onSave: (text: string) => void;
}

/** A text that saves itself. */
export function TextField({ label, value, max, lines, required, onSave }: Props) {
  const id = useId();
  const draft = useDraft(value, (text) => {
    if (!required || text.trim()) onSave(text);
  });
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>) => {
    if (event.key === 'Escape') draft.cancel();
    if (event.key === 'Escape' || (event.key === 'Enter' && lines === undefined)) event.currentTarget.blur();
  };
  const shared = {
    id,
    dir: 'auto',
    value: draft.value,
    onBlur: draft.commit,
    onKeyDown,
    ...(max !== undefined && { maxLength: max }),
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {lines === undefined ? (
        <input {...shared} onChange={(event) => draft.change(event.target.value)} />
      ) : (
        <textarea {...shared} rows={lines} onChange={(event) => draft.change(event.target.value)} />
      )}
    </div>
  );
}
