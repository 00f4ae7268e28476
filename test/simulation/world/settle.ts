/**
 * Waits until nothing is left that would go on by itself: no promise, no tick, no immediate (fake-indexeddb runs on
 * those). What happens next is then the next virtual timer's doing, whatever the machine was busy with meanwhile.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (process.getActiveResourcesInfo().includes('Immediate')) setImmediate(look);
      else resolve();
    };
    setImmediate(look);
  });
}
