import type { Response } from 'express';

/** What S3 answers when it does not do what it was asked for. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function sendStoreError(res: Response, { status, code, message }: StoreError): void {
  for (const name of ['Content-Security-Policy', 'Content-Disposition']) res.removeHeader(name);
  const id = String(res.locals['requestId'] ?? '');
  res.setHeader('Content-Type', 'application/xml');
  res.setHeader('Cache-Control', 'no-store');
  res
    .status(status)
    .end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escape(message)}</Message><RequestId>${id}</RequestId></Error>`,
    );
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
