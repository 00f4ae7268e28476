/** Registers the service worker that lets the page open without a network. Only the built page has one. */
export function keepOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register('/sw.js').catch((error: unknown) => {
    // Private windows refuse it; everything but opening the page offline works without.
    globalThis.reportError(error);
  });
}
