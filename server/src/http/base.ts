import type { Request } from 'express';

/** The address by which the sender of this request reaches the server, without a slash at its end. */
export type PublicBase = (req: Request) => string;

/**
 * `PUBLIC_URL`, or what the request itself came by: the host of its `Host`, and the scheme that a proxy in front says
 * it was asked by. Both are the sender's word, and go into nothing but the sender's own answer.
 */
export function publicBase(publicUrl: string | null, listening: () => string): PublicBase {
  if (publicUrl !== null) return () => publicUrl;
  return (req) => {
    const { host } = req.headers;
    // A Host header is text of a stranger: it goes into answers only when it is nothing but a host.
    return host !== undefined && /^[\w.-]+(?::\d+)?$|^\[[0-9a-fA-F:]+\](?::\d+)?$/.test(host)
      ? `${schemeOf(req)}://${host}`
      : listening();
  };
}

/** The first of `X-Forwarded-Proto`, which each proxy on the way adds to. */
function schemeOf({ headers }: Request): 'http' | 'https' {
  return /^\s*https\s*(?:,|$)/i.test(String(headers['x-forwarded-proto'] ?? '')) ? 'https' : 'http';
}

/** Addresses as they are stored: from the root of whatever server delivers them. */
const ROOT_RELATIVE = /"(url|thumbnail_src)":"(?=\/content\/)|"rows_at":"(?=\/api\/)/g;

/** Makes the root-relative addresses inside delivered JSON absolute. */
export function absoluteUrls(json: string, base: string): string {
  const prefix = JSON.stringify(base).slice(1, -1);
  return json.replace(ROOT_RELATIVE, (start) => start + prefix);
}
