import { type DragEvent, memo, type MouseEvent } from 'react';

import { Icon } from '../shared/icon.tsx';
import { KIND_NAMES } from '../shared/kind.ts';
import type { Zone } from './drop.ts';
import type { OutlineRow } from './outline.ts';
import { Rename } from './rename.tsx';

/** What a row shows besides its node. */
export interface RowState {
  selected: boolean;
  renaming: boolean;
  /** Has edits that the server has not confirmed. */
  pending: boolean;
  /** Has an edit that was refused. */
  refused: boolean;
  /** Cut, and waiting to be pasted. */
  cut: boolean;
  /** Where something that is dragged would go. */
  zone: Zone | null;
}

export interface RowHandlers {
  onSelect: (row: OutlineRow) => void;
  onToggle: (row: OutlineRow) => void;
  onRename: (row: OutlineRow) => void;
  onRenamed: (row: OutlineRow, title: string | null) => void;
  onMenu: (row: OutlineRow, at: { x: number; y: number }) => void;
  onDragStart: (row: OutlineRow, event: DragEvent) => void;
  onDragOver: (row: OutlineRow, event: DragEvent) => void;
  onDrop: (row: OutlineRow, event: DragEvent) => void;
  onDragEnd: () => void;
}

interface Props {
  row: OutlineRow;
  state: RowState;
  handlers: RowHandlers;
  top: number;
}

export const Row = memo(function Row({ row, state, handlers, top }: Props) {
  const { node, level, index, count, open } = row;
  const stop = (run: (event: MouseEvent) => void) => (event: MouseEvent) => {
    event.stopPropagation();
    run(event);
  };
  const classes = ['row', state.selected && 'selected', state.cut && 'cut', state.zone && `drop-${state.zone}`];
  return (
    <div
      id={`row-${node.id}`}
      role="treeitem"
      aria-level={level}
      aria-posinset={index + 1}
      aria-setsize={count}
      aria-expanded={node.has_children ? open : undefined}
      aria-selected={state.selected}
      aria-label={node.title.trim() || 'No title'}
      className={classes.filter(Boolean).join(' ')}
      style={{ transform: `translateY(${top}px)`, '--level': level - 1 } as React.CSSProperties}
      draggable={!state.renaming}
      onClick={() => handlers.onSelect(row)}
      onDoubleClick={() => handlers.onRename(row)}
      onContextMenu={(event) => {
        event.preventDefault();
        handlers.onMenu(row, { x: event.clientX, y: event.clientY });
      }}
      onDragStart={(event) => handlers.onDragStart(row, event)}
      onDragOver={(event) => handlers.onDragOver(row, event)}
      onDrop={(event) => handlers.onDrop(row, event)}
      onDragEnd={handlers.onDragEnd}
    >
      <button
        className={open ? 'twist open' : 'twist'}
        tabIndex={-1}
        aria-hidden
        style={{ visibility: node.has_children ? 'visible' : 'hidden' }}
        onClick={stop(() => handlers.onToggle(row))}
        onDoubleClick={stop(() => undefined)}
      >
        <Icon name="chevron" />
      </button>
      <span className={`kind kind-${node.kind}`}>
        <Icon name={node.kind} title={KIND_NAMES[node.kind]} />
      </span>
      {state.renaming ? (
        <Rename title={node.title} onDone={(title) => handlers.onRenamed(row, title)} />
      ) : (
        <span className="title" dir="auto" title={node.title}>
          {node.title.trim() ? node.title : <em>No title</em>}
        </span>
      )}
      <span className="marks">
        {state.refused && (
          <span className="mark-refused">
            <Icon name="warning" title="An edit of this was refused" />
          </span>
        )}
        {!node.complete && (
          <span
            className="mark-incomplete"
            role="img"
            aria-label="Incomplete"
            title="Incomplete: its details say what it lacks"
          />
        )}
        {state.pending && <span className="mark-pending" role="img" aria-label="Not saved yet" title="Not saved yet" />}
      </span>
      <button
        className="icon-button row-more"
        tabIndex={-1}
        aria-label={`Actions for ${node.title}`}
        onClick={stop((event) => {
          const box = event.currentTarget.getBoundingClientRect();
          handlers.onMenu(row, { x: box.left, y: box.bottom + 4 });
        })}
        onDoubleClick={stop(() => undefined)}
      >
        <Icon name="more" />
      </button>
    </div>
  );
});
