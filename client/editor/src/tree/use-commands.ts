import type { Id, Kind } from '@cambium/protocol';
import { useContext, useState } from 'react';

import { AccessContext, READ_ONLY } from '../shared/access.tsx';
import { useChannel } from '../shared/client.ts';
import { useAttempt, useNotify } from '../shared/notice.tsx';
import { createAt, duplicate, type Place, placeAt, type Step, stepPlace } from './edit.ts';
import type { TreeCommand } from './keys.ts';
import type { OutlineRow } from './outline.ts';
import type { OpenOutline } from './use-outline.ts';

interface Options {
  outline: OpenOutline;
  selected: Id | null;
  onSelect: (id: Id | null) => void;
  rename: (id: Id) => void;
  openMenu: (kind: 'row' | 'new') => void;
}

/** The commands that change nothing. */
const LOOKING: ReadonlySet<TreeCommand['do']> = new Set(['select', 'first', 'last', 'expand', 'collapse']);

/** Carries out the commands of the tree on the selected row. */
export function useCommands({ outline, selected, onSelect, rename, openMenu }: Options) {
  const { rows } = outline;
  const channel = useChannel();
  const attempt = useAttempt();
  const notify = useNotify();
  const isReadOnly = useContext(AccessContext) === 'view';
  const [clip, setClip] = useState<{ mode: 'cut' | 'copy'; id: Id } | null>(null);
  const [asked, setAsked] = useState<{ id: Id; title: string } | null>(null);
  const at = rows.findIndex(({ node }) => node.id === selected);
  const row = rows[at];

  const select = (index: number) => {
    const to = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (to) onSelect(to.node.id);
  };
  const openInto = ({ target, position }: Place) => position.endsWith('child') && outline.setOpen(target, true);
  const move = (id: Id, place: Place) =>
    attempt(async () => {
      // Before anything is waited for: what is selected next must not be overruled later.
      onSelect(id);
      await channel.move(id, place);
      openInto(place);
    });
  const create = (kind: Kind) =>
    attempt(async () => {
      const place = placeAt(channel, row);
      const id = await createAt(channel, place, kind);
      openInto(place);
      onSelect(id);
      rename(id);
    });
  const remove = (id: Id) => attempt(() => channel.remove(id));

  const paste = () => {
    if (!clip) return;
    const place = placeAt(channel, row);
    if (clip.mode === 'cut') move(clip.id, place);
    else
      attempt(async () => {
        const id = await channel.copy(clip.id, place);
        openInto(place);
        onSelect(id);
      });
    if (clip.mode === 'cut') setClip(null);
  };

  const collapse = (from: OutlineRow) => {
    if (from.open) outline.setOpen(from.node.id, false);
    else if (from.level > 1 && from.node.parent_id) onSelect(from.node.parent_id);
  };
  const expand = (from: OutlineRow) => {
    if (!from.node.has_children) return;
    if (from.open) select(at + 1);
    else outline.setOpen(from.node.id, true);
  };
  const step = (from: OutlineRow, way: Step) => {
    const place = stepPlace(outline.outline, from, way, channel.id);
    if (place) move(from.node.id, place);
  };

  const onRow = (command: TreeCommand, from: OutlineRow) => {
    const { node } = from;
    if (command.do === 'expand') expand(from);
    else if (command.do === 'collapse') collapse(from);
    else if (command.do === 'rename') rename(node.id);
    else if (command.do === 'menu') openMenu('row');
    else if (command.do === 'step') step(from, command.step);
    else if (command.do === 'cut' || command.do === 'copy') setClip({ mode: command.do, id: node.id });
    else if (command.do === 'remove') {
      if (node.has_children) setAsked({ id: node.id, title: node.title });
      else remove(node.id);
    } else if (command.do === 'duplicate') {
      attempt(async () => onSelect(await duplicate(channel, node)));
    }
  };

  /** Asked before questions and fields open that would promise what is not to be had; says why not. */
  const isAllowed = () => {
    if (isReadOnly) notify(READ_ONLY);
    return !isReadOnly;
  };

  return {
    clip,
    asked,
    isAllowed,
    move,
    create,
    answer: (yes: boolean) => {
      if (yes && asked) remove(asked.id);
      setAsked(null);
    },
    rename: (id: Id, title: string) => attempt(() => channel.update(id, { title })),
    run: (command: TreeCommand) => {
      if (!LOOKING.has(command.do) && !isAllowed()) return;
      if (command.do === 'select') select(at < 0 ? 0 : at + command.by);
      else if (command.do === 'first') select(0);
      else if (command.do === 'last') select(rows.length - 1);
      else if (command.do === 'new') openMenu('new');
      else if (command.do === 'paste') paste();
      else if (command.do === 'undo') attempt(() => channel.undo());
      else if (row) onRow(command, row);
    },
  };
}
