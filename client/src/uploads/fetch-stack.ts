import type { HttpRequest, HttpResponse, HttpStack } from 'tus-js-client';

/**
 * HTTP for tus-js-client over the injected `fetch`: where there is no XMLHttpRequest (Node, service workers) and where
 * the network itself is injected. It reports progress per request only.
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
    const response = await this.#fetch(this.#url, {
      method: this.#method,
      headers: this.#headers,
      body: body ?? null,
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

  async abort(): Promise<void> {
    this.#abort.abort();
  }

  getUnderlyingObject(): null {
    return null;
  }
}
