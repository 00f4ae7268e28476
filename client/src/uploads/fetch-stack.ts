import type { HttpRequest, HttpResponse, HttpStack } from 'tus-js-client';

/**
 * Does `fetch` read a body while it sends it? Otherwise nothing is known of a request until it is over. Browsers that do
 * insist on HTTP/2 for it, but outside of workers they have XMLHttpRequest anyway.
 */
export const SENDS_STREAMS = typeof process !== 'undefined' && process.versions?.node !== undefined;

/**
 * HTTP for tus-js-client over the injected `fetch`: where there is no XMLHttpRequest (Node, service workers) and where
 * the network itself is injected. It reports progress where bodies can be streams, else per request only.
 */
export function fetchStack(fetcher: typeof fetch): HttpStack {
  return { createRequest: (method, url) => new FetchRequest(method, url, fetcher), getName: () => 'FetchStack' };
}

class FetchRequest implements HttpRequest {
  readonly #method: string;
  readonly #url: string;
  readonly #fetch: typeof fetch;
  readonly #headers = new Headers();
  readonly #abort = new AbortController();
  #progress: (bytesSent: number) => void = () => undefined;

  constructor(method: string, url: string, fetcher: typeof fetch) {
    this.#method = method;
    this.#url = url;
    this.#fetch = fetcher;
  }

  getMethod(): string {
    return this.#method;
  }

  getURL(): string {
    return this.#url;
  }

  setHeader(header: string, value: string): void {
    this.#headers.set(header, value);
  }

  getHeader(header: string): string | undefined {
    return this.#headers.get(header) ?? undefined;
  }

  setProgressHandler(handler: (bytesSent: number) => void): void {
    this.#progress = handler;
  }

  async send(body: Blob | null | undefined): Promise<HttpResponse> {
    // Node's fetch closes a connection after a HEAD: the PATCH that follows would wait for another one.
    const isAsked = this.#method === 'HEAD';
    if (isAsked) this.#headers.set('X-HTTP-Method-Override', 'HEAD');
    const response = await this.#fetch(this.#url, {
      method: isAsked ? 'GET' : this.#method,
      headers: this.#headers,
      ...this.#bodyOf(body ?? null),
      signal: this.#abort.signal,
    });
    const text = await response.text();
    if (body && response.ok) this.#progress(body.size);
    return {
      getStatus: () => response.status,
      getHeader: (header) => response.headers.get(header) ?? undefined,
      getBody: () => text,
      getUnderlyingObject: () => response,
    };
  }

  #bodyOf(body: Blob | null): RequestInit {
    if (body === null || !SENDS_STREAMS) return { body };
    let sent = 0;
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        sent += chunk.byteLength;
        this.#progress(sent);
        controller.enqueue(chunk);
      },
    });
    // `duplex` is asked for wherever streams are sent, though not every list of types knows it.
    return { body: body.stream().pipeThrough(watch), duplex: 'half' } as RequestInit;
  }

  async abort(): Promise<void> {
    this.#abort.abort();
  }

  getUnderlyingObject(): null {
    return null;
  }
}
