import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a signature covers, in this order; what is missing is left out. */
export interface Signed {
  consumer_key: string;
  domain: string;
  timestamp: string;
  expires?: string;
  user_id?: string;
  /** Exactly the text that was sent: two writers of JSON seldom agree on blanks and escapes. */
  request: string;
  action?: string;
}

/** Signature version 2: `$02$` and 64 hex digits. */
export function signatureOf(secret: string, signed: Signed): string {
  const { consumer_key, domain, timestamp, expires, user_id, request, action } = signed;
  const parts = [consumer_key, domain, timestamp, expires, user_id, request, action];
  const text = parts.filter((part) => part !== undefined).join('_');
  return `$02$${createHmac('sha256', secret).update(text, 'utf8').digest('hex')}`;
}

export function isSignature(given: string, secret: string, signed: Signed): boolean {
  const expected = Buffer.from(signatureOf(secret, signed));
  const bytes = Buffer.from(given);
  return expected.length === bytes.length && timingSafeEqual(expected, bytes);
}
