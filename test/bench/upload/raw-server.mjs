// What uploads are measured against: the body of a PUT piped into a new file, nothing hashed; nothing made durable
// either, unless the address ends in `?sync`.
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

async function take(req) {
  const [name, sync] = req.url.slice(1).split('?');
  const path = join(process.argv[2], name);
  await pipeline(req, createWriteStream(path));
  if (sync === undefined) return;
  const file = await open(path, 'r+');
  await file.sync();
  await file.close();
}

const server = createServer((req, res) => {
  take(req).then(
    () => res.writeHead(200).end(),
    (error) => res.writeHead(500).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}`));
