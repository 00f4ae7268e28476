import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIMITS } from '@cambium/protocol';
import { z } from 'zod';

/** A setting that cannot be used; its message is one line that a person understands. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** What a running server knows of its surroundings; every path is absolute. */
export interface Settings {
  host: string;
  /** 0 picks a free one. */
  port: number;
  dataDir: string;
  /** The SQLite file. */
  databaseFile: string;
  /** The folder of stored bytes. */
  storageDir: string;
  /** The address that clients use, without a slash at its end; null: what each request came by. */
  publicUrl: string | null;
  adminToken: string | null;
  corsOrigins: string[];
  /** Signs URLs; null: made once and kept in `dataDir`. */
  secret: string | null;
  /** Seconds. */
  uploadExpiry: number;
  /** Seconds. */
  blobGrace: number;
  /** Seconds that a log entry is kept at least; null: for ever. */
  logKeep: number | null;
  /** Bytes. */
  maxFileSize: number;
  /** The file APIs of other systems that are served. */
  dialects: DialectName[];
  /** Types that ClassQuiz's storage takes, compared as they are sent. */
  classquizTypes: string[];
  logLevel: LogLevel;
}

export const DIALECTS = ['classquiz', 'omeka', 'learnosity'] as const;
export type DialectName = (typeof DIALECTS)[number];

const CLASSQUIZ_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/svg+xml', 'video/mp4'];

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One setting as the environment, the command line and the help know it. */
export interface SettingOption {
  /** Name of the environment variable; the flag is made from it (`DATA_DIR` is `--data-dir`). */
  variable: string;
  description: string;
  /** As the help shows it. */
  fallback: string;
  schema: z.ZodType<unknown, string>;
}

const integer = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must be a whole number from ${from} to ${to}`);

const origin = (text: string): string | null => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url.origin : null;
};

const text = z.string().min(1, 'must not be empty');

/** Every setting, in the order of the help. */
export const OPTIONS = {
  host: { variable: 'HOST', description: 'address to listen on', fallback: '127.0.0.1', schema: text },
  port: {
    variable: 'PORT',
    description: 'port to listen on; 0 picks a free one',
    fallback: '8787',
    schema: integer(0, 65_535),
  },
  dataDir: { variable: 'DATA_DIR', description: 'folder that holds everything', fallback: './data', schema: text },
  databaseUrl: {
    variable: 'DATABASE_URL',
    description: 'SQLite file, as a path or sqlite:PATH',
    fallback: 'cambium.db in DATA_DIR',
    schema: text.transform((value, context) => localPath(value, 'sqlite:', context)),
  },
  storageUrl: {
    variable: 'STORAGE_URL',
    description: 'folder of the stored bytes, as a path or file: URL',
    fallback: 'storage/ in DATA_DIR',
    schema: text.transform((value, context) => localPath(value, 'file:', context)),
  },
  publicUrl: {
    variable: 'PUBLIC_URL',
    description: 'address by which clients reach this server',
    fallback: 'that of each request',
    schema: text.transform((value, context) => {
      if (origin(value) !== null && !/[?#]/.test(value)) return value.replace(/\/+$/, '');
      context.addIssue({ code: 'custom', message: 'must be an http or https URL' });
      return z.NEVER;
    }),
  },
  adminToken: {
    variable: 'ADMIN_TOKEN',
    description: 'token of user admin, 20 to 200 characters',
    fallback: 'a random one, printed on the first start',
    schema: z.string().regex(/^[\x21-\x7e]{20,200}$/, 'must be 20 to 200 printable characters without spaces'),
  },
  corsOrigins: {
    variable: 'CORS_ORIGINS',
    description: 'comma list of origins whose pages may call the API',
    fallback: 'none',
    schema: z.string().transform((value, context) => {
      const names = value.split(',').map((name) => name.trim());
      const origins = names.filter((name) => name !== '').map(origin);
      if (!origins.includes(null)) return origins as string[];
      context.addIssue({ code: 'custom', message: 'must be a comma list of http or https origins' });
      return z.NEVER;
    }),
  },
  secret: {
    variable: 'SECRET',
    description: 'signs file URLs, 20 characters or more',
    fallback: 'made once and kept in DATA_DIR',
    schema: z.string().min(20, 'must have 20 characters or more'),
  },
  uploadExpiry: {
    variable: 'UPLOAD_EXPIRY',
    description: 'seconds an unfinished upload lives after its last stored byte',
    fallback: '86400',
    schema: integer(1, 31_536_000),
  },
  blobGrace: {
    variable: 'BLOB_GRACE',
    description: 'seconds before bytes that nothing refers to are deleted',
    fallback: '604800',
    schema: integer(0, 315_360_000),
  },
  logKeep: {
    variable: 'LOG_KEEP',
    description: 'seconds before old log entries are folded into a checkpoint, or forever',
    fallback: '7776000',
    schema: z.union([z.literal('forever'), integer(0, 3_155_760_000)], {
      error: 'must be forever or a whole number from 0 to 3155760000',
    }),
  },
  maxFileSize: {
    variable: 'MAX_FILE_SIZE',
    description: 'bytes of the largest file',
    fallback: String(LIMITS.file),
    schema: integer(1, LIMITS.file),
  },
  dialects: {
    variable: 'DIALECTS',
    description: 'comma list of the other file APIs to serve, or none',
    fallback: DIALECTS.join(','),
    schema: z.string().transform((value, context) => {
      if (value.trim() === 'none') return [];
      const names = value.split(',').map((name) => name.trim());
      const unknown = names.filter((name) => !DIALECTS.some((dialect) => dialect === name));
      if (unknown.length === 0) return names as DialectName[];
      context.addIssue({ code: 'custom', message: `must be none or a comma list of ${DIALECTS.join(', ')}` });
      return z.NEVER;
    }),
  },
  classquizTypes: {
    variable: 'CLASSQUIZ_TYPES',
    description: "comma list of the types that ClassQuiz's storage takes",
    fallback: CLASSQUIZ_TYPES.join(','),
    schema: z.string().transform((value, context) => {
      const types = value.split(',').map((type) => type.trim());
      if (types.every((type) => /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}$/i.test(type))) return types;
      context.addIssue({ code: 'custom', message: 'must be a comma list of types such as image/png' });
      return z.NEVER;
    }),
  },
  logLevel: {
    variable: 'LOG_LEVEL',
    description: `one of ${LOG_LEVELS.join(', ')}`,
    fallback: 'info',
    schema: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
  },
} as const satisfies Record<string, SettingOption>;

type OptionName = keyof typeof OPTIONS;

/** The command line flag of a setting: `DATA_DIR` is `--data-dir`. */
export function flagOf(option: Pick<SettingOption, 'variable'>): string {
  return `--${option.variable.toLowerCase().replaceAll('_', '-')}`;
}

/**
 * Settings from the environment; a variable that is unset or empty has its default. Relative paths start at `cwd`.
 * Throws a `SettingsError` that names the variable.
 */
export function readSettings(environment: Record<string, string | undefined>, cwd: string): Settings {
  const read = <Name extends OptionName>(name: Name): z.output<(typeof OPTIONS)[Name]['schema']> | null => {
    const option: SettingOption = OPTIONS[name];
    const value = environment[option.variable];
    if (value === undefined || value === '') return null;
    const parsed = option.schema.safeParse(value);
    if (parsed.success) return parsed.data as z.output<(typeof OPTIONS)[Name]['schema']>;
    throw new SettingsError(
      `${option.variable} (${flagOf(option)}) ${parsed.error.issues[0]?.message ?? 'is malformed'}`,
    );
  };
  const dataDir = resolve(cwd, read('dataDir') ?? OPTIONS.dataDir.fallback);
  const logKeep = read('logKeep');
  return {
    host: read('host') ?? OPTIONS.host.fallback,
    port: read('port') ?? Number(OPTIONS.port.fallback),
    dataDir,
    databaseFile: resolve(cwd, read('databaseUrl') ?? join(dataDir, 'cambium.db')),
    storageDir: resolve(cwd, read('storageUrl') ?? join(dataDir, 'storage')),
    publicUrl: read('publicUrl'),
    adminToken: read('adminToken'),
    corsOrigins: read('corsOrigins') ?? [],
    secret: read('secret'),
    uploadExpiry: read('uploadExpiry') ?? Number(OPTIONS.uploadExpiry.fallback),
    blobGrace: read('blobGrace') ?? Number(OPTIONS.blobGrace.fallback),
    logKeep: logKeep === 'forever' ? null : (logKeep ?? Number(OPTIONS.logKeep.fallback)),
    maxFileSize: read('maxFileSize') ?? Number(OPTIONS.maxFileSize.fallback),
    dialects: read('dialects') ?? [...DIALECTS],
    classquizTypes: read('classquizTypes') ?? [...CLASSQUIZ_TYPES],
    logLevel: read('logLevel') ?? OPTIONS.logLevel.fallback,
  };
}

/** A path, given as such or with the one scheme that is supported here. */
function localPath(value: string, scheme: 'sqlite:' | 'file:', context: z.RefinementCtx): string {
  if (scheme === 'file:' && value.startsWith('file://') && URL.canParse(value)) return fileURLToPath(value);
  const path = value.startsWith(scheme) ? value.slice(scheme.length).replace(/^\/\/(?=\/)/, '') : value;
  const other = /^([a-z][a-z0-9+.-]+):/i.exec(path);
  if (path !== '' && (!other || isAbsolute(path))) return path;
  const message = other ? `does not support ${other[1]}: yet` : 'must name a path';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
