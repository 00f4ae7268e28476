import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { normalizeId, Refusal, type Id, type ProtocolError } from '@cambium/protocol';
import { fileFromMetadata } from '../announced.ts';
import type { NewFile } from '../commands/reserve.ts';
import { isAsAnnounced, type Digest } from '../notes.ts';
import { judgeFormat, sniff } from '../sniff.ts';
import { readPack, type Member } from './format.ts';

/** A member whose bytes are the announced ones. */
export interface Verified {
  file: NewFile;
  digest: Digest;
  /** Where they begin in the pack. */
  at: number;
  size: number;
  /** The type that the bytes show; empty when they show none. */
  mime: string;
}

/** A pack taken apart; nothing of it is kept yet. */
export interface Unpacked {
  verified: Verified[];
  refused: { id: string; error: ProtocolError }[];
}

/** Reads and verifies each member by itself. Throws the Refusal `invalid_value` for what is no pack. */
export async function unpack(path: string): Promise<Unpacked> {
  const unpacked: Unpacked = { verified: [], refused: [] };
  for (const member of readPack(await readFile(path))) {
    try {
      unpacked.verified.push(await verify(member));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      unpacked.refused.push({ id: idOf(member), error: error.error });
    }
  }
  return unpacked;
}

async function verify(member: Member): Promise<Verified> {
  const { values, at, bytes } = member;
  const id: Id | null = normalizeId(idOf(member));
  if (id === null) throw new Refusal('invalid_value', { field: 'id', message: 'It must be a UUID.' });
  const file = fileFromMetadata(values, id, bytes.byteLength);
  const digest = { md5: hash('md5', bytes), sha256: hash('sha256', bytes) };
  if (!isAsAnnounced(digest, { checksum: file.checksum || null, sha256: file.sha256 })) {
    throw new Refusal('checksum_mismatch');
  }
  const found = await sniff(bytes);
  judgeFormat(found, file.file_format);
  return { file, digest, at, size: bytes.byteLength, mime: found?.mime ?? '' };
}

function idOf({ values }: Member): string {
  return values.get('id') ?? '';
}

function hash(algorithm: 'md5' | 'sha256', bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}
