import type { Id } from '@cambium/protocol';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';

import { Confirm } from '../shared/confirm.tsx';
import { Menu } from '../shared/menu.tsx';
import { commandOf } from './keys.ts';
import { NewMenu } from './new-menu.tsx';
import { Row, type RowHandlers } from './row.tsx';
import { rowMenu } from './row-menu.ts';
import { useCommands } from './use-commands.ts';
import { useDrag } from './use-drag.ts';
import type { OpenOutline } from './use-outline.ts';

const ROW_HEIGHT = 36;
/** A node on its way between two topics is in neither list for a moment; after this long it is gone, milliseconds. */
const SETTLED = 250;

interface Props {
  outline: OpenOutline;
  selected: Id | null;
  onSelect: (id: Id | null) => void;
  /** The node whose title is being typed. */
  renaming: Id | null;
  onRename: (id: Id | null) => void;
  /** Ids of nodes with edits that are not confirmed, and with refused ones. */
  pending: ReadonlySet<Id>;
  refused: ReadonlySet<Id>;
  onFiles: (files: File[], node: Id) => void;
}

/** The channel as a tree, by the ARIA tree pattern; only the rows in view are in the page. */
export function Tree({ outline, selected, onSelect, renaming, onRename, pending, refused, onFiles }: Props) {
  const { rows } = outline;
  const box = useRef<HTMLDivElement>(null);
  const [menu, setMenu] = useState<{ kind: 'row' | 'new'; x: number; y: number } | null>(null);
  const at = useMemo(() => rows.findIndex(({ node }) => node.id === selected), [rows, selected]);
  const focus = () => box.current?.focus({ preventScroll: true });

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 14,
    getItemKey: (index) => rows[index]?.node.id ?? index,
  });

  // What was selected and is gone hands over to what now stands in its place; what is not there yet is waited for.
  const seen = useRef<{ id: Id; at: number } | null>(null);
  useEffect(() => {
    if (at >= 0 && selected !== null) seen.current = { id: selected, at };
    else if (seen.current?.id === selected && selected !== null) {
      const { at: place } = seen.current;
      const timer = setTimeout(() => onSelect(rows[Math.min(place, rows.length - 1)]?.node.id ?? null), SETTLED);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [at, rows, selected, onSelect]);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
    // Scrolls when another row is selected or the selected one moves, not when others do.
  }, [at, selected, virtual]);

  const openMenu = (kind: 'row' | 'new') => {
    const place =
      document.getElementById(`row-${selected}`)?.getBoundingClientRect() ?? box.current?.getBoundingClientRect();
    if (place)
      setMenu({ kind, x: place.left + 120, y: kind === 'row' || selected ? place.top + ROW_HEIGHT : place.top + 40 });
  };
  const commands = useCommands({ outline, selected, onSelect, rename: onRename, openMenu });
  const drag = useDrag({
    rows,
    onMove: commands.move,
    onFiles: (files, row) => onFiles(files, row.node.id),
    onOpen: (row) => outline.setOpen(row.node.id, true),
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const command = commandOf(event);
    if (!command) return;
    event.preventDefault();
    commands.run(command);
  };

  const handlers: RowHandlers = {
    onSelect: (row) => {
      onSelect(row.node.id);
      focus();
    },
    onToggle: (row) => outline.setOpen(row.node.id, !row.open),
    onRename: (row) => commands.isAllowed() && onRename(row.node.id),
    onRenamed: (row, title) => {
      onRename(null);
      focus();
      if (title !== null) commands.rename(row.node.id, title);
    },
    onMenu: (row, place) => {
      onSelect(row.node.id);
      if (commands.isAllowed()) setMenu({ kind: 'row', ...place });
    },
    onDragStart: drag.start,
    onDragOver: drag.move,
    onDrop: drag.drop,
    onDragEnd: drag.end,
  };

  return (
    <>
      <div
        ref={box}
        className="tree"
        role="tree"
        aria-label="Content"
        tabIndex={0}
        aria-activedescendant={at >= 0 ? `row-${selected}` : undefined}
        onKeyDown={onKeyDown}
      >
        <div className="tree-rows" role="none" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const { id } = row.node;
            const state = {
              selected: id === selected,
              renaming: id === renaming,
              pending: pending.has(id),
              refused: refused.has(id),
              cut: commands.clip?.mode === 'cut' && commands.clip.id === id,
              zone: drag.over?.id === id ? drag.over.zone : null,
            };
            return <Row key={item.key} row={row} state={state} handlers={handlers} top={item.start} />;
          })}
        </div>
      </div>
      {menu?.kind === 'row' && (
        <Menu
          label="Actions"
          at={menu}
          items={rowMenu(commands.run, { paste: commands.clip !== null })}
          onClose={() => {
            setMenu(null);
            focus();
          }}
        />
      )}
      {menu?.kind === 'new' && (
        <NewMenu
          at={menu}
          onClose={() => {
            setMenu(null);
            focus();
          }}
          onKind={commands.create}
        />
      )}
      {commands.asked && (
        <Confirm
          title={`Delete “${commands.asked.title}”?`}
          text="Everything inside it is deleted as well."
          action="Delete"
          onAnswer={(yes) => {
            commands.answer(yes);
            focus();
          }}
        />
      )}
    </>
  );
}
