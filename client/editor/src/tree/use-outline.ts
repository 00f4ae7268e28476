import type { Channel } from '@cambium/client';
import type { Id } from '@cambium/protocol';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';

import { Outline, type OutlineRow } from './outline.ts';

export interface OpenOutline {
  outline: Outline;
  rows: OutlineRow[];
  setOpen: (id: Id, open: boolean) => void;
  /** Opens several at once, e.g. the ancestors of what is searched. */
  reveal: (ids: readonly Id[]) => void;
}

/** The outline of a channel; which topics are open is remembered per channel on this device. */
export function useOutline(channel: Channel): OpenOutline {
  const key = `cambium-open-${channel.id}`;
  const outline = useMemo(() => new Outline(channel, channel.id), [channel]);
  const [open, setOpenSet] = useState<ReadonlySet<Id>>(
    () => new Set(JSON.parse(localStorage.getItem(key) ?? '[]') as Id[]),
  );

  useEffect(() => {
    outline.setOpen(open);
    localStorage.setItem(key, JSON.stringify([...open]));
  }, [outline, open, key]);
  useEffect(() => () => outline.close(), [outline]);

  const rows = useSyncExternalStore(outline.subscribe, outline.rows);
  const setOpen = useCallback((id: Id, isOpen: boolean) => {
    setOpenSet((before) => {
      if (before.has(id) === isOpen) return before;
      const after = new Set(before);
      if (isOpen) after.add(id);
      else after.delete(id);
      return after;
    });
  }, []);
  const reveal = useCallback((ids: readonly Id[]) => setOpenSet((before) => new Set([...before, ...ids])), []);
  return { outline, rows, setOpen, reveal };
}
