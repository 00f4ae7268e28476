import type { Database } from 'better-sqlite3';
import { Router, type RequestHandler } from 'express';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { statement } from '../../database/statement.ts';
import type { Clock } from '../../deps.ts';
import type { Writer } from '../../writer/writer.ts';
import { measureRequests } from './requests.ts';
import { measureWriter } from './writer.ts';

export interface Metrics {
  /** Sees every request first. */
  observe: RequestHandler;
  /** GET /metrics, in the text format of Prometheus. Needs no token: it tells numbers, never names or contents. */
  router: Router;
  /** The same writer, measured. */
  measured(writer: Writer): Writer;
  /** Tells where open event streams are counted. */
  countStreams(count: () => number): void;
}

const UNFINISHED = `SELECT count(*) AS uploads FROM upload WHERE state = 'receiving' AND expires > ?`;

/** What there is to know of one server, in a registry of its own: several servers of one process never mix. */
export function openMetrics({ raw, clock }: { raw: Database; clock: Clock }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'cambium_uploads_unfinished',
    help: 'Uploads that have begun, are not whole and may still be continued',
    registers: [registry],
    collect() {
      const now = new Date(clock.now()).toISOString();
      this.set(statement<[string], { uploads: number }>(raw, UNFINISHED).get(now)?.uploads ?? 0);
    },
  });

  const router = Router();
  router.get('/metrics', async (_req, res) => {
    const text = await registry.metrics();
    res.set({ 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' }).send(text);
  });

  return {
    observe: measureRequests(registry),
    router,
    measured: (writer) => measureWriter(registry, writer),
    countStreams: (count) => {
      new Gauge({
        name: 'cambium_event_streams',
        help: 'Open streams of server-sent events',
        registers: [registry],
        collect() {
          this.set(count());
        },
      });
    },
  };
}
