import { createMD5, createSHA256 } from 'hash-wasm';

export interface Digests {
  /** 32 hex digits. */
  md5: string;
  /** 64 hex digits. */
  sha256: string;
}

/** Both checksums of one stream of bytes. */
export interface Hasher {
  update(bytes: ArrayBuffer): Promise<void>;
  finish(): Promise<Digests>;
  close(): void;
}

/** Hashes in this thread. */
export async function inlineHasher(): Promise<Hasher> {
  const [md5, sha256] = await Promise.all([createMD5(), createSHA256()]);
  md5.init();
  sha256.init();
  return {
    async update(bytes) {
      const view = new Uint8Array(bytes);
      md5.update(view);
      sha256.update(view);
    },
    finish: async () => ({ md5: md5.digest('hex'), sha256: sha256.digest('hex') }),
    close: () => undefined,
  };
}
