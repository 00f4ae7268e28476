// Keeps the page itself, so that it opens without a network. Data is none of its business: it lives in IndexedDB.
// The build fills in the two constants.
const CACHE = `cambium-${__VERSION__}`;
const SHELL = __SHELL__;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(SHELL.map((url) => new Request(url, { cache: 'reload' }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  const old = (names) => names.filter((name) => name.startsWith('cambium-') && name !== CACHE);
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(old(names).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (SHELL.includes(url.pathname)) event.respondWith(part(request));
});

/** The server's page when it answers, so that a new version is seen at once; else the kept one. */
async function page(request) {
  if (/^\/(api|content|upload|health)(\/|$)/.test(new URL(request.url).pathname)) return fetch(request);
  const kept = () => caches.match('/', { ignoreVary: true });
  try {
    const answer = await fetch(request);
    return answer.ok ? answer : ((await kept()) ?? answer);
  } catch (error) {
    const answer = await kept();
    if (answer) return answer;
    throw error;
  }
}

/** Parts bear a digest in their names. `ignoreVary`: module scripts send Origin, and the answer may vary on it. */
async function part(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
