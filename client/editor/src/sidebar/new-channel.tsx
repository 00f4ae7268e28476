import type { Id } from '@cambium/protocol';
import { type FormEvent, useState } from 'react';

import { useClient } from '../shared/client.ts';
import { useAttempt } from '../shared/notice.tsx';

interface Props {
  onCreated: (id: Id) => void;
  onClose: () => void;
}

export function NewChannel({ onCreated, onClose }: Props) {
  const client = useClient();
  const attempt = useAttempt();
  const [name, setName] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const trimmed = name.trim();
    if (!trimmed) return;
    attempt(async () => {
      onCreated(await client.createChannel({ name: trimmed }));
      onClose();
    });
  };
  return (
    <form className="new-channel" onSubmit={submit}>
      <input
        autoFocus
        aria-label="Name of the new channel"
        placeholder="Name"
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
        onBlur={() => !name.trim() && onClose()}
      />
      <button className="button primary small" type="submit" disabled={!name.trim()}>
        Create
      </button>
    </form>
  );
}
