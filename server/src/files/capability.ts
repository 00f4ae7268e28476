import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Id } from '@cambium/protocol';

/** Hex digits of a signature: 128 bits, far beyond guessing and short enough for an address. */
const DIGITS = 32;
const MAX_NAME = 150;

function sign(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text, 'utf8').digest('hex').slice(0, DIGITS);
}

function isSigned(secret: string, text: string, signature: string): boolean {
  const expected = Buffer.from(sign(secret, text));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/**
 * The root-relative URL of a file's bytes: whoever has it may read them, and it never changes while the file exists.
 * The name at its end is for people and programs that save the file; the server does not read it.
 */
export function contentPath(secret: string, file: Id, name: string): string {
  const shown = Array.from(name.replace(/[^\p{L}\p{N}\p{M}._-]+/gu, '_'))
    .slice(-MAX_NAME)
    .join('');
  return `/content/${file}${sign(secret, `content:${file}`)}/${encodeURIComponent(/^\.*$/.test(shown) ? 'file' : shown)}`;
}

/** The file that a capability opens, or null when it is none of ours. */
export function openCapability(secret: string, capability: string): Id | null {
  const match = /^([0-9a-f]{32})([0-9a-f]{32})$/.exec(capability);
  const [, file = '', signature = ''] = match ?? [];
  return match && isSigned(secret, `content:${file}`, signature) ? file : null;
}

/** What a signed upload URL promises: these bytes for this file, begun until `expires` (seconds since 1970). */
export interface UploadGrant {
  file: Id;
  checksum: string;
  size: number;
  expires: number;
}

/** The root-relative URL that takes one PUT of the bytes. */
export function uploadPath(secret: string, grant: UploadGrant): string {
  return `/upload/${grant.file}?expires=${grant.expires}&signature=${sign(secret, grantText(grant))}`;
}

export function isGranted(secret: string, grant: UploadGrant, signature: string): boolean {
  return isSigned(secret, grantText(grant), signature);
}

function grantText({ file, checksum, size, expires }: UploadGrant): string {
  return `upload:${file}:${checksum}:${size}:${expires}`;
}
