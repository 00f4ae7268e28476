import type { Request } from 'express';
import { expect, it } from 'vitest';
import { publicBase } from './base.ts';

const from = (headers: Record<string, string | string[]>) =>
  publicBase(null, () => 'http://127.0.0.1:1')({ headers } as unknown as Request);

it('is what the request came by', () => {
  expect(from({ host: 'example.org' })).toBe('http://example.org');
  expect(from({ host: 'example.org:8080' })).toBe('http://example.org:8080');
  expect(from({ host: '[::1]:80' })).toBe('http://[::1]:80');
});

it('has the scheme that a proxy in front was asked by', () => {
  expect(from({ host: 'example.org', 'x-forwarded-proto': 'https' })).toBe('https://example.org');
  expect(from({ host: 'example.org', 'x-forwarded-proto': 'HTTPS, http' })).toBe('https://example.org');
  for (const wrong of ['javascript', 'https"', '', 'ftp'])
    expect(from({ host: 'example.org', 'x-forwarded-proto': wrong }), wrong).toBe('http://example.org');
});

it('is where the server listens when the host is none', () => {
  for (const host of ['', 'a b', 'x/y', '"><script>', 'user@host']) expect(from({ host })).toBe('http://127.0.0.1:1');
});

it('is the public URL where one is set, whatever the request says', () => {
  const base = publicBase('https://cambium.example/app', () => 'http://127.0.0.1:1');
  const headers = { host: 'other.example', 'x-forwarded-proto': 'http' };
  expect(base({ headers } as unknown as Request)).toBe('https://cambium.example/app');
});
