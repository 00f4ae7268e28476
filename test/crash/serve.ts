// A server of its own process, so that it can be killed. Settings come from the environment.
import { readSettings, startServer } from '@cambium/server';

const server = await startServer(readSettings(process.env, process.cwd()));
console.log(`ready ${server.url}`);
