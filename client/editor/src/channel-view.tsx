import type { Id } from '@cambium/protocol';
import { type ReactNode, useContext, useMemo, useState } from 'react';

import { Details } from './details/details.tsx';
import { SearchBox } from './search-box.tsx';
import { AccessContext } from './shared/access.tsx';
import { useChannel, useClient } from './shared/client.ts';
import { Icon } from './shared/icon.tsx';
import { useLive } from './shared/live.ts';
import { useAttempt } from './shared/notice.tsx';
import { useMarks } from './status/use-marks.ts';
import { createAt, placeAt } from './tree/edit.ts';
import { attachFile, createFromFile, takesFile } from './tree/files.ts';
import { NewMenu } from './tree/new-menu.tsx';
import { Tree } from './tree/tree.tsx';
import { useOutline } from './tree/use-outline.ts';
import { useSelection } from './tree/use-selection.ts';

const HINTS = [
  ['↑↓', 'move around'],
  ['Enter', 'rename'],
  ['N', 'new'],
  ['Alt+↑↓←→', 'move it'],
  ['Ctrl+D', 'duplicate'],
  ['Del', 'delete'],
  ['Ctrl+Z', 'undo'],
] as const;

interface Props {
  /** How things stand, at the end of the head. */
  status: ReactNode;
  /** What the user may do here, where it is not everything. */
  banner: ReactNode;
}

/** One channel: its head, its tree, and the details of what is selected. */
export function ChannelView({ status, banner }: Props) {
  const client = useClient();
  const channel = useChannel();
  const attempt = useAttempt();
  const isReadOnly = useContext(AccessContext) === 'view';
  const root = useLive(useMemo(() => channel.root$, [channel]));
  const canUndo = useLive(useMemo(() => channel.canUndo$, [channel])) ?? false;
  const outline = useOutline(channel);
  const [selected, select] = useSelection(channel.id);
  const [renaming, rename] = useState<Id | null>(null);
  const [adding, setAdding] = useState<{ x: number; y: number } | null>(null);
  const { pending, refused } = useMarks();
  const current = useMemo(() => outline.rows.find(({ node }) => node.id === selected), [outline.rows, selected]);

  const addFiles = (files: File[], id: Id) =>
    attempt(async () => {
      const node = outline.rows.find((row) => row.node.id === id)?.node;
      for (const file of files) {
        if (node && node.kind !== 'topic' && takesFile(node.kind, file.name)) await attachFile(client, id, file);
        else {
          const topic = !node || node.kind === 'topic' ? id : (node.parent_id ?? id);
          const made = await createFromFile(client, channel, topic, file);
          outline.setOpen(topic, true);
          select(made);
        }
      }
    });

  return (
    <>
      <main className="channel-view">
        <header className="head">
          <button className="head-title" aria-pressed={selected === null} onClick={() => select(null)}>
            <h1 dir="auto">{root?.title ?? ' '}</h1>
          </button>
          {status}
        </header>
        <div className="toolbar" role="toolbar" aria-label="Content">
          <button
            className="button primary"
            aria-haspopup="menu"
            disabled={isReadOnly}
            onClick={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              setAdding({ x: box.left, y: box.bottom + 6 });
            }}
          >
            <Icon name="plus" /> New
          </button>
          <button
            className="button"
            aria-label="Undo"
            title="Undo (Ctrl+Z)"
            disabled={!canUndo || isReadOnly}
            onClick={() => attempt(() => channel.undo())}
          >
            <Icon name="undo" />
          </button>
          <SearchBox
            onFound={(id, ancestors) => {
              outline.reveal(ancestors);
              select(id);
            }}
          />
        </div>
        {banner}
        {outline.outline.ready && outline.rows.length === 0 ? (
          <div
            className="empty"
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              addFiles([...event.dataTransfer.files], channel.id);
            }}
          >
            <Icon name="topic" />
            <p>This channel is empty.{!isReadOnly && ' Make its first topic with “New”, or drop files here.'}</p>
          </div>
        ) : (
          <Tree
            outline={outline}
            selected={selected}
            onSelect={select}
            renaming={renaming}
            onRename={rename}
            pending={pending}
            refused={refused}
            onFiles={addFiles}
          />
        )}
        <footer className="keys">
          {(isReadOnly ? HINTS.slice(0, 1) : HINTS).map(([keys, what]) => (
            <span key={keys}>
              <kbd>{keys}</kbd> {what}
            </span>
          ))}
        </footer>
      </main>
      <fieldset className="bare" disabled={isReadOnly}>
        <Details id={current ? current.node.id : channel.id} />
      </fieldset>
      {adding && (
        <NewMenu
          at={adding}
          onClose={() => setAdding(null)}
          onKind={(kind) =>
            attempt(async () => {
              const place = placeAt(channel, current);
              const id = await createAt(channel, place, kind);
              if (place.position === 'last-child') outline.setOpen(place.target, true);
              select(id);
              rename(id);
            })
          }
        />
      )}
    </>
  );
}
