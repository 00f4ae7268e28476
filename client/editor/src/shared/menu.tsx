import { type KeyboardEvent, useEffect, useLayoutEffect, useRef } from 'react';

import { Icon, type IconName } from './icon.tsx';

export interface MenuItem {
  label: string;
  icon: IconName;
  /** Shown at the right edge, e.g. `F2`. */
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  run: () => void;
}

interface Props {
  label: string;
  items: readonly (MenuItem | 'line')[];
  /** Where its corner is, in the coordinates of the window. */
  at: { x: number; y: number };
  onClose: () => void;
}

/** A menu by the ARIA pattern: arrows, Home, End, Escape; the first item has the focus. */
export function Menu({ label, items, at, onClose }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const all = () => [...(list.current?.querySelectorAll<HTMLButtonElement>('button:not(:disabled)') ?? [])];

  useLayoutEffect(() => {
    const box = list.current;
    if (!box) return;
    // Inside the window, whatever corner was asked for.
    box.style.left = `${Math.max(8, Math.min(at.x, innerWidth - box.offsetWidth - 8))}px`;
    box.style.top = `${Math.max(8, Math.min(at.y, innerHeight - box.offsetHeight - 8))}px`;
    box.querySelector<HTMLButtonElement>('button:not(:disabled)')?.focus();
  }, [at]);

  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (!list.current?.contains(event.target as Node)) onClose();
    };
    addEventListener('pointerdown', outside, true);
    addEventListener('blur', onClose);
    return () => {
      removeEventListener('pointerdown', outside, true);
      removeEventListener('blur', onClose);
    };
  }, [onClose]);

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    const buttons = all();
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') onClose();
    else if (to !== undefined) buttons.at(to % buttons.length)?.focus();
    else return;
    event.preventDefault();
  };

  return (
    <div ref={list} className="menu" role="menu" aria-label={label} onKeyDown={onKeyDown} tabIndex={-1}>
      {items.map((item, index) =>
        item === 'line' ? (
          <hr key={index} />
        ) : (
          <button
            key={item.label}
            role="menuitem"
            className={item.danger ? 'danger' : undefined}
            disabled={item.disabled}
            onClick={() => {
              onClose();
              item.run();
            }}
          >
            <Icon name={item.icon} />
            <span>{item.label}</span>
            {item.keys && <kbd>{item.keys}</kbd>}
          </button>
        ),
      )}
    </div>
  );
}
