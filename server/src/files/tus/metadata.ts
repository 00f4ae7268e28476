import { TusError } from './error.ts';

export interface UploadMetadata {
  /** The header as it was sent. */
  raw: string;
  /** Decoded as UTF-8; null for a key without a value. */
  values: ReadonlyMap<string, string | null>;
}

/**
 * Upload-Metadata: comma-separated pairs of a key and a Base64 value, keys unique. Ours, because the library's refuses
 * names such as `constructor` and damages values that are not UTF-8. Throws a 400 for what breaks the protocol.
 */
export function readMetadata(header: string | undefined): UploadMetadata | null {
  if (header === undefined) return null;
  const values = new Map<string, string | null>();
  for (const pair of header.split(',')) {
    const [key = '', value, ...more] = pair.split(' ');
    const isKey = /^[\x21-\x7e]+$/.test(key);
    const isValue = value === undefined || (value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value));
    if (!isKey || !isValue || more.length > 0 || values.has(key)) {
      throw new TusError(
        400,
        'invalid_value',
        'Upload-Metadata must be comma-separated pairs of a unique key and a Base64 value.',
      );
    }
    values.set(key, value === undefined ? null : Buffer.from(value, 'base64').toString('utf8'));
  }
  return { raw: header, values };
}
