import type { ChangeResult } from '@cambium/protocol';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Writer } from '../../writer/writer.ts';

/** Seconds: from a commit alone on a fast disk to one behind a long queue. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Each result is written with its rev and status first. */
const STATUS = /\{"rev":\d+,"status":"(\w+)"/g;

/** Measures a writer from outside, where its queue and its thread are one. */
export function measureWriter(registry: Registry, writer: Writer): Writer {
  const registers = [registry];
  const queue = new Gauge({
    name: 'cambium_writer_queue',
    help: 'Jobs that were handed to the writer and are not durable yet',
    registers,
  });
  const seconds = new Histogram({
    name: 'cambium_commit_duration_seconds',
    help: 'Seconds from handing a job to the writer until what it did is durable',
    labelNames: ['kind'],
    buckets: BUCKETS,
    registers,
  });
  const changes = new Counter({
    name: 'cambium_changes_total',
    help: 'Changes by what became of them',
    labelNames: ['outcome'],
    registers,
  });

  async function measure<T>(kind: string, job: () => Promise<T>): Promise<T> {
    queue.inc();
    const stop = seconds.startTimer({ kind });
    try {
      return await job();
    } finally {
      stop();
      queue.dec();
    }
  }

  return {
    async sync(user, body) {
      const answer = await measure('sync', () => writer.sync(user, body));
      for (const [, outcome] of answer.results.matchAll(STATUS)) changes.inc({ outcome: outcome as string });
      return answer;
    },
    async commit(request) {
      const result = await measure('commit', () => writer.commit(request));
      for (const { status } of result.results as ChangeResult[]) changes.inc({ outcome: status });
      return result;
    },
    command: (name, input) => measure('command', () => writer.command(name, input)),
    onCommitted: (listener) => writer.onCommitted(listener),
    close: () => writer.close(),
  };
}
