// What nothing can be faster than: the body of a PUT piped into a file, nothing hashed, nothing made durable.
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const server = createServer((req, res) => {
  pipeline(req, createWriteStream(join(process.argv[2], req.url.slice(1)))).then(
    () => res.writeHead(200).end(),
    (error) => res.writeHead(500).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}`));
