import type { Id } from '@cambium/protocol';
import { type KeyboardEvent, useDeferredValue, useId, useMemo, useState } from 'react';
import { firstValueFrom } from 'rxjs';

import { useChannel } from './shared/client.ts';
import { Icon } from './shared/icon.tsx';
import { useLive } from './shared/live.ts';
import { useAttempt } from './shared/notice.tsx';

/** The most hits that are listed: beyond them one more letter finds it sooner than scrolling. */
const MOST = 30;

interface Props {
  onFound: (id: Id, ancestors: Id[]) => void;
}

/** Finds nodes by their titles, also offline. */
export function SearchBox({ onFound }: Props) {
  const channel = useChannel();
  const attempt = useAttempt();
  const listId = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const wanted = useDeferredValue(text.trim());
  const hits = useLive(useMemo(() => (wanted ? channel.search$(wanted) : null), [channel, wanted]))?.slice(0, MOST);

  const choose = (id: Id | undefined) => {
    if (id === undefined) return;
    setText('');
    attempt(async () => {
      const ancestors = await firstValueFrom(channel.ancestors$(id));
      onFound(
        id,
        ancestors.map((node) => node.id).filter((ancestor) => ancestor !== id),
      );
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const length = hits?.length ?? 0;
      if (length > 0) setAt((at + (event.key === 'ArrowDown' ? 1 : length - 1)) % length);
    } else if (event.key === 'Enter') choose(hits?.[at]?.id);
    else if (event.key === 'Escape') setText('');
  };

  return (
    <div className="search">
      <Icon name="search" />
      <input
        type="search"
        role="combobox"
        aria-label="Search this channel"
        aria-expanded={hits !== undefined}
        aria-controls={listId}
        aria-activedescendant={hits?.[at] ? `${listId}-${at}` : undefined}
        placeholder="Search"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setText('')}
      />
      {hits && (
        <div className="hits" id={listId} role="listbox" aria-label="Found">
          {hits.map((node, index) => (
            <div
              key={node.id}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === at}
              className="hit"
              // Before the input loses the focus, and with it the list.
              onPointerDown={(event) => {
                event.preventDefault();
                choose(node.id);
              }}
            >
              <span className={`kind kind-${node.kind}`}>
                <Icon name={node.kind} />
              </span>
              {node.title}
            </div>
          ))}
          {hits.length === 0 && <p className="hint">Nothing has that in its title or description.</p>}
        </div>
      )}
    </div>
  );
}
