import type { MenuItem } from '../shared/menu.tsx';
import type { TreeCommand } from './keys.ts';

/** The actions of one row; each is also a key of the tree. */
export function rowMenu(run: (command: TreeCommand) => void, can: { paste: boolean }): (MenuItem | 'line')[] {
  return [
    { label: 'New…', icon: 'plus', keys: 'N', run: () => run({ do: 'new' }) },
    { label: 'Rename', icon: 'pencil', keys: 'F2', run: () => run({ do: 'rename' }) },
    { label: 'Duplicate', icon: 'copy', keys: 'Ctrl+D', run: () => run({ do: 'duplicate' }) },
    'line',
    { label: 'Cut', icon: 'outdent', keys: 'Ctrl+X', run: () => run({ do: 'cut' }) },
    { label: 'Copy', icon: 'copy', keys: 'Ctrl+C', run: () => run({ do: 'copy' }) },
    { label: 'Paste', icon: 'indent', keys: 'Ctrl+V', disabled: !can.paste, run: () => run({ do: 'paste' }) },
    'line',
    { label: 'Move up', icon: 'up', keys: 'Alt+↑', run: () => run({ do: 'step', step: 'up' }) },
    { label: 'Move down', icon: 'down', keys: 'Alt+↓', run: () => run({ do: 'step', step: 'down' }) },
    { label: 'Move into topic above', icon: 'indent', keys: 'Alt+→', run: () => run({ do: 'step', step: 'in' }) },
    { label: 'Move out of topic', icon: 'outdent', keys: 'Alt+←', run: () => run({ do: 'step', step: 'out' }) },
    'line',
    { label: 'Delete', icon: 'trash', keys: 'Del', danger: true, run: () => run({ do: 'remove' }) },
  ];
}
