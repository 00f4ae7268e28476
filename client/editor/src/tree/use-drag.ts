import { type DragEvent, useRef, useState } from 'react';

import { type Place } from './edit.ts';
import { isWithin, placeOf, type Zone, zoneOf } from './drop.ts';
import type { OutlineRow } from './outline.ts';

/** How long something is held over a closed topic until it opens, milliseconds. */
const SPRING = 700;

interface Options {
  rows: readonly OutlineRow[];
  onMove: (id: string, place: Place) => void;
  onFiles: (files: File[], row: OutlineRow) => void;
  onOpen: (row: OutlineRow) => void;
}

/** Drag and drop of rows and of files from outside. */
export function useDrag({ rows, onMove, onFiles, onOpen }: Options) {
  const dragged = useRef<string | null>(null);
  const spring = useRef<{ id: string; timer: ReturnType<typeof setTimeout> } | null>(null);
  const [over, setOver] = useState<{ id: string; zone: Zone } | null>(null);

  const relax = () => {
    if (spring.current) clearTimeout(spring.current.timer);
    spring.current = null;
  };
  const end = () => {
    relax();
    dragged.current = null;
    setOver(null);
  };

  const zoneFor = (row: OutlineRow, event: DragEvent): Zone | null => {
    if (dragged.current === null) return event.dataTransfer.types.includes('Files') ? 'inside' : null;
    const at = rows.findIndex(({ node }) => node.id === row.node.id);
    if (isWithin(rows, at, dragged.current)) return null;
    const box = event.currentTarget.getBoundingClientRect();
    return zoneOf(row, event.clientY - box.top, box.height);
  };

  return {
    over,
    end,
    start: (row: OutlineRow, event: DragEvent) => {
      dragged.current = row.node.id;
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData('text/plain', row.node.title);
    },
    move: (row: OutlineRow, event: DragEvent) => {
      const zone = zoneFor(row, event);
      if (zone) event.preventDefault();
      if (over?.id !== row.node.id || over.zone !== zone) setOver(zone && { id: row.node.id, zone });
      if (zone !== 'inside' || row.open || !row.node.has_children) relax();
      else if (spring.current?.id !== row.node.id) {
        relax();
        spring.current = { id: row.node.id, timer: setTimeout(() => onOpen(row), SPRING) };
      }
    },
    drop: (row: OutlineRow, event: DragEvent) => {
      const zone = zoneFor(row, event);
      const moved = dragged.current;
      end();
      if (!zone) return;
      event.preventDefault();
      if (moved !== null) onMove(moved, placeOf(row, zone));
      else onFiles([...event.dataTransfer.files], row);
    },
  };
}
