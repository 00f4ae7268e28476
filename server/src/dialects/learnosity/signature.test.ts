import { expect, it } from 'vitest';
import { isSignature, signatureOf } from './signature.ts';

// Published by Learnosity: the demo pair of its documentation, and what its own SDKs make of it.
const secret = '74c5fd430cf1242a527f6223aebd42d30464be22';
const common = { consumer_key: 'yis0TYCu7U9V4o7M', domain: 'localhost', timestamp: '20140626-0528' };
const content = '{"organisation_id":1,"subkeys":["path/to/content1.jpg"]}';

const VECTORS: { request: string; action?: string; expires?: string; hex: string }[] = [
  { request: '{"limit":100}', action: 'get', hex: 'e19c8a62fba81ef6baf2731e2ab0512feaf573ca5ca5929c2ee9a77303d2e197' },
  { request: '{"limit":100}', action: 'post', hex: '9d1971fb9ac51482f7e73dcf87fc029d4a3dfffa05314f71af9d89fb3c2bcf16' },
  { request: content, action: 'get', hex: '4cbad3cd5e8273d1834949024e1758d933d6e0eed4a8faea3f0912315e5b5301' },
  {
    request: content,
    action: 'get',
    expires: '20991231-2359',
    hex: '0bc2df88d7d037b624ae993ac00c36b5078aae469aabc9221bf6939d0d9b773c',
  },
  { request: content, hex: '22f990c3b0f4cf90263275502b6a9663cf44862a3f1d955719e0393b8557ef62' },
  {
    request: '{"subkeys":["path/тест.jpg"]}',
    action: 'get',
    hex: 'edbbb8b0faf6ea174a990e3efce960d16de32cc1f670f80ab61a96887141bf02',
  },
];

it('signs as the published vectors do', () => {
  for (const { hex, ...vector } of VECTORS) expect(signatureOf(secret, { ...common, ...vector })).toBe(`$02$${hex}`);
});

it('takes exactly the signature of exactly this request', () => {
  const signed = { ...common, request: content, action: 'get' };
  const signature = signatureOf(secret, signed);
  expect(isSignature(signature, secret, signed)).toBe(true);
  expect(isSignature(signature, secret, { ...signed, request: `${content} ` })).toBe(false);
  expect(isSignature(signature.toUpperCase(), secret, signed)).toBe(false);
  expect(isSignature('', secret, signed)).toBe(false);
});
