import type { Request } from 'express';

/** The value of a cookie, or null when it was not sent. */
export function readCookie(req: Request, name: string): string | null {
  for (const pair of (req.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return unquote(pair.slice(at + 1).trim());
  }
  return null;
}

/** A value that holds a space is quoted by some senders and percent-encoded by others. */
function unquote(value: string): string {
  const [, quoted] = /^"(.*)"$/s.exec(value) ?? [];
  if (quoted === undefined) return value.replaceAll('%20', ' ');
  return quoted.replace(/\\(?:([0-3][0-7]{2})|(.))/gs, (_, octal: string | undefined, plain: string) =>
    octal === undefined ? plain : String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** Quotes as Python's cookies do: whoever splits the header at semicolons and commas finds none inside. */
export function quoteCookie(value: string): string {
  const text = value.replace(/["\\]/g, (found) => `\\${found}`);
  return `"${text.replace(/[,;]/g, (found) => `\\${found.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`;
}
