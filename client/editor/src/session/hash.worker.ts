import { serveHasher } from '@cambium/client';

serveHasher(globalThis as unknown as Parameters<typeof serveHasher>[0]);
