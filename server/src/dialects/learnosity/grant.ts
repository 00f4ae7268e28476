import { createHmac, timingSafeEqual } from 'node:crypto';

/** Where the assets lie; clients take the address of an upload as it is given. */
const ASSETS = '/learnosity/organisations';

/** What a signed upload URL allows: bytes of this type under this name, until then. */
export interface Grant {
  consumer: string;
  organisation: number;
  subkey: string;
  type: string;
  /** Seconds since 1970. */
  expires: number;
}

/** The path of an asset; each element is encoded, so that nothing in a name can change the path. */
export function assetPath(organisation: number, subkey: string): string {
  return `${ASSETS}/${organisation}/${subkey.split('/').map(encodeURIComponent).join('/')}`;
}

/** The asset that a path names; null when it names none. */
export function readAssetPath(path: string): { organisation: number; subkey: string } | null {
  const match = /^\/learnosity\/organisations\/(\d{1,15})\/(.+)$/s.exec(path);
  if (!match) return null;
  try {
    const elements = (match[2] as string).split('/').map(decodeURIComponent);
    if (elements.some((element) => element.includes('/'))) return null;
    return { organisation: Number(match[1]), subkey: elements.join('/') };
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

export function uploadQuery(secret: string, grant: Grant): string {
  return new URLSearchParams({
    AWSAccessKeyId: grant.consumer,
    Expires: String(grant.expires),
    Signature: sign(secret, grant),
    'x-amz-acl': 'public-read',
  }).toString();
}

export function isGranted(secret: string, grant: Grant, signature: string): boolean {
  const expected = Buffer.from(sign(secret, grant));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** The type is part of what is signed: another one, or none, does not fit. */
function sign(secret: string, { consumer, organisation, subkey, type, expires }: Grant): string {
  const path = assetPath(organisation, subkey);
  const text = `PUT\n${consumer}\n${type}\n${expires}\nx-amz-acl:public-read\n${path}`;
  return createHmac('sha256', `learnosity:${secret}`).update(text, 'utf8').digest('base64');
}
