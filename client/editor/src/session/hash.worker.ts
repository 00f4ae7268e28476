import { serveHasher } from '@cambium/client/hash-worker';

serveHasher(globalThis as unknown as Parameters<typeof serveHasher>[0]);
