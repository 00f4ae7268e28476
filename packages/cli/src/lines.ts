/**
 * The lines of a byte stream, split at `\n` alone. Node's readline also splits at U+2028, which JSON text may hold
 * inside a string.
 */
export async function* lines(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of source) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() as string;
    yield* parts;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
