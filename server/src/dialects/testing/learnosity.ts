import { createHmac } from 'node:crypto';

export interface Consumer {
  consumer_key: string;
  secret: string;
}

export interface Signing {
  domain?: string;
  timestamp?: string;
  expires?: string;
  action?: string | null;
  /** Laid over the security packet after it was signed. */
  forged?: Record<string, unknown>;
}

/** `YYYYMMDD-HHmm`, GMT. */
export function stamp(at: number): string {
  const digits = new Date(at).toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}`;
}

/** The form that an SDK sends, signed by the rules of signature version 2 and not by the code under test. */
export function signedForm(
  { consumer_key, secret }: Consumer,
  request: unknown,
  signing: Signing = {},
): URLSearchParams {
  const text = typeof request === 'string' ? request : JSON.stringify(request);
  const { domain = 'localhost', timestamp = stamp(Date.now()), expires, action = 'get', forged = {} } = signing;
  const parts = [consumer_key, domain, timestamp, ...(expires ? [expires] : []), text, ...(action ? [action] : [])];
  const signature = `$02$${createHmac('sha256', secret).update(parts.join('_')).digest('hex')}`;
  const security = { consumer_key, domain, timestamp, ...(expires && { expires }), signature, ...forged };
  const form = new URLSearchParams({ security: JSON.stringify(security), request: text });
  if (action) form.set('action', action);
  return form;
}
