import { AsyncLocalStorage } from 'node:async_hooks';
import type { Request, Response } from 'express';
import type { User } from '../../writer/writer.ts';
import type { Checksum } from './checksum.ts';
import type { UploadMetadata } from './metadata.ts';

/**
 * What the guard has found out about a request and the store needs to know: @tus/server hands on nothing but the id
 * and a stream.
 */
export interface Call {
  req: Request;
  res: Response;
  user: User;
  metadata: UploadMetadata | null;
  concat: string | null;
  checksum: Checksum | null;
}

const calls = new AsyncLocalStorage<Call>();

export function runCall<T>(call: Call, handle: () => Promise<T>): Promise<T> {
  return calls.run(call, handle);
}

/** The request being answered. */
export function currentCall(): Call {
  const call = calls.getStore();
  if (!call) throw new Error('the upload store was called outside of a request');
  return call;
}
