import { Agent, request } from 'node:http';
import { TOKEN } from './child.ts';

/** One connection that stays open: what it sends is answered before it sends again, as a client does. */
export class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Sends each body after the answer to the one before; returns the answers. */
  async sendAll(bodies: readonly Buffer[]): Promise<string[]> {
    const answers: string[] = [];
    for (const body of bodies) answers.push(await this.post('/api/sync', body));
    return answers;
  }

  post(path: string, body: Buffer): Promise<string> {
    return this.#call('POST', path, { 'Content-Type': 'application/json', 'Content-Length': body.length }, body);
  }

  get(path: string): Promise<string> {
    return this.#call('GET', path, {});
  }

  close(): void {
    this.#agent.destroy();
  }

  #call(method: string, path: string, headers: Record<string, string | number>, body?: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { method, agent: this.#agent, headers: { Authorization: `Bearer ${TOKEN}`, ...headers } };
      const req = request(this.#url + path, options, (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('error', reject);
        res.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (res.statusCode === 200 || res.statusCode === 201) resolve(text);
          else reject(new Error(`${method} ${path} answered ${res.statusCode}: ${text.slice(0, 300)}`));
        });
      });
      req.on('error', reject);
      req.end(body);
    });
  }
}

/** Changes that were applied, by what the answers say. */
export function appliedIn(answers: readonly string[]): number {
  return answers.reduce((sum, answer) => sum + answer.split('"status":"applied"').length - 1, 0);
}
