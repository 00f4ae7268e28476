// One system's server in a process of its own: `host.mjs NAME FOLDER CHANNELS`. It says where it listens, and answers
// `usage` (CPU of all its threads in milliseconds, memory in bytes), `rows` (nodes it holds now) and `stop` (the digest
// of all that it stored, taken once it has stopped).
const [name, folder, channels] = process.argv.slice(2);
const { serve } = await import(`./${name}/server.mjs`);
const server = await serve(folder, Number(channels));

process.on('message', async (message) => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage();
    process.send({ cpu: (user + system) / 1000, memory: process.memoryUsage.rss() });
  } else if (message === 'rows') process.send({ rows: await server.rows() });
  else if (message === 'stop') process.send({ digest: await server.stop() }, () => process.exit(0));
});
// Who measured is gone: nobody will say stop.
process.on('disconnect', () => process.exit(1));
process.send({ url: server.url });
