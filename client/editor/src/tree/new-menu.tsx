import type { Kind } from '@cambium/protocol';

import { ALL_KINDS, KIND_NAMES } from '../shared/kind.ts';
import { Menu } from '../shared/menu.tsx';

interface Props {
  at: { x: number; y: number };
  onKind: (kind: Kind) => void;
  onClose: () => void;
}

/** Chooses the kind of a new node. */
export function NewMenu({ at, onKind, onClose }: Props) {
  const items = ALL_KINDS.map((kind) => ({ label: KIND_NAMES[kind], icon: kind, run: () => onKind(kind) }));
  return <Menu label="New" at={at} items={items} onClose={onClose} />;
}
