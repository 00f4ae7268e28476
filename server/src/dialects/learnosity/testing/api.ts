import { startTestServer, type TestServer } from '../../../http/testing/harness.ts';
import { signedForm, type Consumer, type Signing } from '../../testing/learnosity.ts';

export interface Granted {
  upload: string;
  public: string;
  content_type: string;
}

export interface Answer {
  status: number;
  meta: Record<string, unknown>;
  data: Granted[];
}

/** A server whose clock can be set, a consumer, and Learnosity's API as its clients use it. */
export interface LearnosityApi {
  test: TestServer;
  consumer: Consumer;
  /** Milliseconds that the server's clock is ahead; `stopped` is where it stands, if it does. */
  time: { ahead: number; stopped: number | null };
  addConsumer(more: { organisation: number; domain?: string; user?: string }): Promise<Consumer>;
  post(body: string | URLSearchParams, version?: string, headers?: Record<string, string>): Promise<Answer>;
  ask(request: unknown, signing?: Signing): Promise<Answer>;
  /** 200, or status and code of the refusal. */
  outcome(request: unknown, signing?: Signing): Promise<200 | string>;
  granted(subkey: string, type?: string): Promise<Granted>;
}

export async function startApi(): Promise<LearnosityApi> {
  const time: LearnosityApi['time'] = { ahead: 0, stopped: null };
  const clock = { now: () => (time.stopped ?? Date.now()) + time.ahead };
  const test = await startTestServer({}, { world: { clock } });
  const addConsumer: LearnosityApi['addConsumer'] = async (more) =>
    (await test.server.admin('learnosity.add', more)) as unknown as Consumer;
  const consumer = await addConsumer({ organisation: 1 });

  const post: LearnosityApi['post'] = async (body, version = 'v2025.2.LTS', headers = {}) => {
    const url = `${test.server.url}/${version}/itembank/upload/assets`;
    const response = await fetch(url, { method: 'POST', body, headers });
    return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
  };
  const ask: LearnosityApi['ask'] = (request, signing) => post(signedForm(consumer, request, signing));
  return {
    test,
    consumer,
    time,
    addConsumer,
    post,
    ask,
    async outcome(request, signing) {
      const { status, meta } = await ask(request, signing);
      return meta['status'] === true ? 200 : `${status} ${String(meta['code'])}`;
    },
    async granted(subkey, type) {
      const { data } = await ask({ subkeys: [subkey], ...(type && { subkey_types: { [subkey]: type } }) });
      return data[0] as Granted;
    },
  };
}

export function put(url: string, body: string, type?: string): Promise<Response> {
  const headers = type === undefined ? {} : { 'content-type': type };
  return fetch(url, { method: 'PUT', body: Buffer.from(body), headers });
}
