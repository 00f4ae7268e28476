import type { Id } from '@cambium/protocol';
import { useEffect, useState } from 'react';

/** The selected node of a channel, null for none. Remembered in this window alone, so that a reload goes on there. */
export function useSelection(channel: Id): [selected: Id | null, select: (id: Id | null) => void] {
  const key = `cambium-selected-${channel}`;
  const [selected, select] = useState<Id | null>(() => sessionStorage.getItem(key));
  useEffect(() => {
    if (selected === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, selected);
  }, [key, selected]);
  return [selected, select];
}
