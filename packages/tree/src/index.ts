export * from './effect.ts';
export * from './outcome.ts';
export * from './reader.ts';
