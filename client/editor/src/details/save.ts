import type { Json } from '@cambium/protocol';

/** Changes the shown node: key paths to new values, null unsets. */
export type Save = (mods: Record<string, Json>) => void;
