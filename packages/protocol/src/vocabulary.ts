export * from './vocabulary/criteria.ts';
export * from './vocabulary/format.ts';
export * from './vocabulary/kind.ts';
export * from './vocabulary/license.ts';
export * from './vocabulary/preset.ts';
