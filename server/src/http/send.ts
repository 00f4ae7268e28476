import type { Request, Response } from 'express';
import type { Access } from '../tables/read/access.ts';
import { absoluteUrls, type PublicBase } from './base.ts';

/** Answers with rows, the addresses in them absolute. */
export function sendRows(publicBase: PublicBase, req: Request, res: Response, rows: unknown): void {
  sendJson(res, absoluteUrls(JSON.stringify(rows), publicBase(req)));
}

/** Answers with JSON that is text already. */
export function sendJson(res: Response, json: string): void {
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.end(json);
}

/**
 * Says up to which rev of the channel's log the answer is complete. To be taken before the rows are read: what they
 * show may then be later, never earlier.
 */
export function setRev(res: Response, access: Pick<Access, 'head'>): void {
  res.setHeader('Cambium-Rev', String(access.head));
}
