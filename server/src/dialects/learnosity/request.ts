import { lookup } from 'mime-types';
import { parseJson } from '../body.ts';
import { DataError } from './errors.ts';

/** Names in one request. */
const MAX_SUBKEYS = 1_000;
/** Characters of a name; bytes of it stay within what an address may hold. */
const MAX_SUBKEY = 1_024;

/** A name, and the type that its bytes will be sent and served with. */
export interface Wanted {
  subkey: string;
  type: string;
}

export interface AssetRequest {
  /** Undefined: the consumer's own. */
  organisation: number | undefined;
  wanted: Wanted[];
}

/** Reads the `request` field. One name that is not allowed refuses all. */
export function readRequest(text: string | undefined): AssetRequest {
  const value = text === undefined || text === '' ? undefined : parseJson(text);
  if (text !== undefined && text !== '' && value === undefined) throw new DataError(20009);
  if (value === undefined) throw new DataError(20000, 'request');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new DataError(20003, 'request');
  const { organisation_id, subkeys, subkey_types } = value as Record<string, unknown>;
  if (subkeys === undefined || subkeys === null) throw new DataError(20000, 'subkeys');
  if (!Array.isArray(subkeys) || !subkeys.every((each) => typeof each === 'string'))
    throw new DataError(20003, 'subkeys');
  if (subkeys.length === 0) throw new DataError(20000, 'subkeys');
  if (subkeys.length > MAX_SUBKEYS) throw new DataError(20002, 'subkeys');
  for (const subkey of subkeys) checkSubkey(subkey);
  const types = readTypes(subkey_types, subkeys);
  const wanted = subkeys.map((subkey) => {
    const type = types.get(subkey) ?? (/[^/]\.[^./]+$/.test(subkey) && lookup(subkey));
    if (!type) throw new DataError(20004, 'subkey_types: a type is needed for a name without a known extension');
    return { subkey, type };
  });
  return { organisation: readOrganisation(organisation_id), wanted };
}

export function isSubkey(subkey: string): boolean {
  const isPlain = !/[\\\0\p{Surrogate}]/u.test(subkey);
  return isPlain && subkey.split('/').every((element) => element !== '' && element !== '.' && element !== '..');
}

function checkSubkey(subkey: string): void {
  if (!isSubkey(subkey)) throw new DataError(20004, 'subkeys');
  if (subkey.length > MAX_SUBKEY) throw new DataError(20001, 'subkeys');
}

function readTypes(value: unknown, subkeys: readonly string[]): Map<string, string> {
  if (value === undefined || value === null) return new Map();
  // PHP writes an empty map as an empty array.
  if (Array.isArray(value) && value.length === 0) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) throw new DataError(20003, 'subkey_types');
  const known = new Set(subkeys);
  const types = new Map<string, string>();
  for (const [subkey, type] of Object.entries(value)) {
    if (!known.has(subkey)) throw new DataError(20004, 'subkey_types');
    if (typeof type !== 'string') throw new DataError(20003, 'subkey_types');
    // It becomes a header of answers.
    if (!/^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}(?:; ?[\w-]{1,40}=[\w."-]{1,80})?$/i.test(type)) {
      throw new DataError(20004, 'subkey_types');
    }
    types.set(subkey, type);
  }
  return types;
}

function readOrganisation(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw new DataError(20003, 'organisation_id');
  return number;
}
