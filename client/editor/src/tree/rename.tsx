import { LIMITS } from '@cambium/protocol';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

interface Props {
  title: string;
  /** Null: nothing is changed. */
  onDone: (title: string | null) => void;
}

/** The title of a row while it is typed. */
export function Rename({ title, onDone }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(title);
  const done = useRef(false);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const finish = (value: string | null) => {
    if (done.current) return;
    done.current = true;
    const trimmed = value?.trim();
    onDone(trimmed && trimmed !== title ? trimmed : null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 'Enter') finish(text);
    else if (event.key === 'Escape') finish(null);
  };
  return (
    <input
      ref={input}
      className="rename"
      aria-label="Title"
      maxLength={LIMITS.title}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => finish(text)}
      onClick={(event) => event.stopPropagation()}
      draggable={false}
    />
  );
}
