/** Line drawings on a 24 × 24 grid, by name. */
const PATHS = {
  topic: 'M3.5 7.5a2 2 0 0 1 2-2h4l2.2 2.5h6.8a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2z',
  video: 'M3.5 7.5a2 2 0 0 1 2-2h8.5a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5.5a2 2 0 0 1-2-2zM16 10.5l4.5-2.5v8L16 13.5',
  audio: 'M9 17.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zm0 0V6l11-2v11.5m0 0a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z',
  document: 'M6 4.5a1 1 0 0 1 1-1h7l4.5 4.5V19.5a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1zM14 3.5V8h4.5M9 12.5h6.5M9 16h6.5',
  exercise: 'M5 5.5h9M5 12h6M5 18.5h6M14.5 15.5l2.5 2.5 4-5M17.5 5.5h2',
  html5: 'M8.5 8 4.5 12l4 4M15.5 8l4 4-4 4M13.5 5l-3 14',
  slideshow: 'M3.5 5.5h17M5 5.5v10h14v-10M12 15.5v3M8.5 20.5l3.5-2 3.5 2M8.5 12l2.5-2.5 2 2 2.5-3',
  h5p: 'M4.5 6.5a2 2 0 0 1 2-2h11a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2zM10 8.5l5.5 3.5-5.5 3.5z',
  zim: 'M5 5.5a2 2 0 0 1 2-2h11.5v14H7a2 2 0 0 0-2 2zm0 14a2 2 0 0 0 2 1h11.5v-3M9 7.5h5.5',
  chevron: 'M9.5 6.5 15 12l-5.5 5.5',
  plus: 'M12 5v14M5 12h14',
  pencil: 'M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5',
  copy: 'M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4',
  trash: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10.2 10.5v6M13.8 10.5v6',
  up: 'M12 19V5.5M6 11l6-6 6 6',
  down: 'M12 5v13.5M6 13l6 6 6-6',
  indent: 'M4 5.5v13M8.5 12H20M14.5 6.5 20 12l-5.5 5.5',
  outdent: 'M20 5.5v13M15.5 12H4M9.5 6.5 4 12l5.5 5.5',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  attach: 'M19 11.5l-7.5 7.3a4.6 4.6 0 0 1-6.5-6.5l8-7.8a3.1 3.1 0 0 1 4.4 4.3l-7.8 7.6a1.5 1.5 0 0 1-2.2-2.1l7-6.8',
  undo: 'M8.5 5.5 4.5 9.5l4 4M5 9.5h9a5.5 5.5 0 0 1 0 11H9',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5l5 5',
  check: 'M5 12.5l4.5 4.5L19.5 7',
  cloud: 'M7 18.5a4.5 4.5 0 0 1-.4-9A6 6 0 0 1 18 10.8a3.9 3.9 0 0 1-.4 7.7z',
  offline: 'M4 4l16 16M9.2 6.6A6 6 0 0 1 18 10.8a3.9 3.9 0 0 1 2.6 5.7M6.7 9.5a4.5 4.5 0 0 0 .3 9h10.5',
  warning: 'M12 4.5l8.5 15h-17zM12 10v4.5M12 17.2h.01',
  cross: 'M6 6l12 12M18 6L6 18',
  channel: 'M12 3.5l8 4.2v8.6l-8 4.2-8-4.2V7.7zM4 7.7l8 4.3 8-4.3M12 12v8.5',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name, title }: { name: IconName; title?: string }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden={title ? undefined : true} role={title ? 'img' : undefined}>
      {title && <title>{title}</title>}
      <path d={PATHS[name]} />
    </svg>
  );
}
