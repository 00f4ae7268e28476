import { describe, expect, test } from 'vitest';
import { flagOf, OPTIONS, readSettings, SettingsError } from './settings.ts';

const read = (environment: Record<string, string>) => readSettings(environment, '/home/kim');

test('without anything set, everything has its default', () => {
  expect(read({})).toEqual({
    host: '127.0.0.1',
    port: 8787,
    dataDir: '/home/kim/data',
    databaseFile: '/home/kim/data/cambium.db',
    storageDir: '/home/kim/data/storage',
    publicUrl: null,
    adminToken: null,
    corsOrigins: [],
    secret: null,
    uploadExpiry: 86_400,
    blobGrace: 604_800,
    logKeep: 7_776_000,
    maxFileSize: 2 ** 40,
    dialects: ['classquiz', 'omeka', 'learnosity'],
    classquizTypes: ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/svg+xml', 'video/mp4'],
    logLevel: 'info',
  });
});

test('an empty variable is an unset one', () => {
  expect(read({ PORT: '', ADMIN_TOKEN: '', PUBLIC_URL: '' })).toEqual(read({}));
});

test('paths start at the working folder; database and storage may stand elsewhere', () => {
  const settings = read({ DATA_DIR: '../d', DATABASE_URL: 'sqlite:db/x.db', STORAGE_URL: 'file:///srv/bytes' });
  expect([settings.dataDir, settings.databaseFile, settings.storageDir]).toEqual([
    '/home/d',
    '/home/kim/db/x.db',
    '/srv/bytes',
  ]);
  expect(read({ DATABASE_URL: 'sqlite:///var/x.db' }).databaseFile).toBe('/var/x.db');
});

test('origins are normalised', () => {
  expect(read({ CORS_ORIGINS: 'https://A.example/, http://b.example:8080' }).corsOrigins).toEqual([
    'https://a.example',
    'http://b.example:8080',
  ]);
});

describe('malformed values stop with one line that names the variable and its flag', () => {
  const bad: [keyof typeof OPTIONS, string][] = [
    ['port', '99999'],
    ['port', 'http'],
    ['port', '-1'],
    ['databaseUrl', 'postgres://localhost/cambium'],
    ['storageUrl', 's3://bucket?region=x'],
    ['publicUrl', 'example.org'],
    ['publicUrl', 'ftp://example.org'],
    ['adminToken', 'short'],
    ['adminToken', 'x'.repeat(201)],
    ['adminToken', 'with a space in the middle of it'],
    ['corsOrigins', '*'],
    ['corsOrigins', 'https://fine.example,nonsense'],
    ['secret', 'short'],
    ['uploadExpiry', '0'],
    ['uploadExpiry', '1.5'],
    ['blobGrace', 'never'],
    ['logKeep', 'never'],
    ['maxFileSize', String(2 ** 40 + 1)],
    ['dialects', 'classquiz,moodle'],
    ['classquizTypes', 'image'],
    ['classquizTypes', 'image/png; charset=x'],
    ['classquizTypes', ','],
    ['logLevel', 'loud'],
  ];
  test.each(bad)('%s=%s', (name, value) => {
    const option = OPTIONS[name];
    const attempt = () => read({ [option.variable]: value });
    expect(attempt).toThrow(SettingsError);
    expect(attempt).toThrow(new RegExp(`^${option.variable} \\(${flagOf(option)}\\) [^\\n]+$`));
  });
});
