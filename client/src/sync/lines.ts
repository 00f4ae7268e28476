/** The non-empty lines of a stream of UTF-8. `onBytes` is told of every sign of life. */
export async function* linesOf(body: ReadableStream<Uint8Array>, onBytes?: () => void): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      onBytes?.();
      const pieces = (rest + decoder.decode(value, { stream: !done })).split('\n');
      rest = done ? '' : (pieces.pop() as string);
      for (const piece of pieces) if (piece.trim() !== '') yield piece;
      if (done) return;
    }
  } finally {
    await reader.cancel();
  }
}
