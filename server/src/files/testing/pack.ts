import { md5, newId, sha256 } from './files.ts';

export interface Packed {
  id: string;
  bytes: Buffer;
  fields: Record<string, string | number>;
}

/** A member of a pack: a PDF whose checksums are right unless `more` says otherwise. */
export function packed(bytes: Buffer, more: Record<string, string | number> = {}): Packed {
  const id = newId();
  const fields = {
    id,
    size: bytes.byteLength,
    checksum: md5(bytes),
    sha256: sha256(bytes),
    filename: 'a.pdf',
    ...more,
  };
  return { id: String(fields.id), bytes, fields };
}

export function packOf(members: readonly Packed[]): Buffer {
  const header = `${JSON.stringify({ members: members.map(({ fields }) => fields) })}\n`;
  return Buffer.concat([Buffer.from(header), ...members.map(({ bytes }) => bytes)]);
}
