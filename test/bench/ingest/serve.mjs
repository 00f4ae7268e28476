// A built server in a process of its own: what is measured shares neither its heap nor its event loop with the load.
import { setFlagsFromString } from 'node:v8';
import { readSettings, startServer } from '@cambium/server';

// As `cambium serve` does.
setFlagsFromString('--heap-growing-percent=50');
const { synchronous } = process.env;
const server = await startServer(readSettings(process.env, process.cwd()), { synchronous });
process.on('message', (message) => {
  if (message === 'cpu') process.send({ cpu: process.cpuUsage(), memory: process.memoryUsage.rss() });
  if (message === 'stop') void server.stop().then(() => process.disconnect());
});
// Either told to stop, which is done by now, or who measured is gone.
process.on('disconnect', () => process.exit(0));
process.send({ url: server.url });
