import type { KeyboardEvent } from 'react';

/** What a key means in the tree. */
export type TreeCommand =
  | { do: 'select'; by: number }
  | {
      do:
        | 'first'
        | 'last'
        | 'expand'
        | 'collapse'
        | 'rename'
        | 'remove'
        | 'duplicate'
        | 'new'
        | 'menu'
        | 'cut'
        | 'copy'
        | 'paste'
        | 'undo';
    }
  | { do: 'step'; step: 'up' | 'down' | 'in' | 'out' };

const PAGE = 12;

const PLAIN: Record<string, TreeCommand> = {
  ArrowUp: { do: 'select', by: -1 },
  ArrowDown: { do: 'select', by: 1 },
  PageUp: { do: 'select', by: -PAGE },
  PageDown: { do: 'select', by: PAGE },
  Home: { do: 'first' },
  End: { do: 'last' },
  ArrowRight: { do: 'expand' },
  ArrowLeft: { do: 'collapse' },
  Enter: { do: 'rename' },
  F2: { do: 'rename' },
  Delete: { do: 'remove' },
  Backspace: { do: 'remove' },
  Insert: { do: 'new' },
  n: { do: 'new' },
  ContextMenu: { do: 'menu' },
};
const WITH_ALT: Record<string, TreeCommand> = {
  ArrowUp: { do: 'step', step: 'up' },
  ArrowDown: { do: 'step', step: 'down' },
  ArrowRight: { do: 'step', step: 'in' },
  ArrowLeft: { do: 'step', step: 'out' },
};
const WITH_CONTROL: Record<string, TreeCommand> = {
  d: { do: 'duplicate' },
  x: { do: 'cut' },
  c: { do: 'copy' },
  v: { do: 'paste' },
  z: { do: 'undo' },
};

/** The command of a key, or undefined where the key is none of the tree's. */
export function commandOf(
  event: Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey'>,
): TreeCommand | undefined {
  const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
  if (shiftKey) return key === 'F10' ? { do: 'menu' } : undefined;
  if (altKey) return ctrlKey || metaKey ? undefined : WITH_ALT[key];
  if (ctrlKey || metaKey) return WITH_CONTROL[key.toLowerCase()];
  return PLAIN[key];
}
