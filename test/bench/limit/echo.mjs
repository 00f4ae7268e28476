// What HTTP itself costs on this machine: takes a body, looks at no byte of it, and answers as many bytes as it is told
// to by `?bytes=`.
import { createServer } from 'node:http';

const server = createServer((req, res) => {
  req.on('data', () => undefined);
  req.on('end', () => {
    const bytes = Number(new URL(req.url, 'http://localhost').searchParams.get('bytes'));
    res.writeHead(200, { 'Content-Length': bytes }).end(Buffer.alloc(bytes, 32));
  });
});
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
process.on('message', () => process.exit(0));
process.on('disconnect', () => process.exit(1));
