import { Refusal } from '@cambium/protocol';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** JSON from the bytes of a body; throws `malformed_json`. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body)) as unknown;
  } catch (error) {
    throw new Refusal('malformed_json', { message: `The body is not valid JSON: ${reasonOf(error)}` });
  }
}

/** What the parser says, without the text around the fault: that is the user's. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const at = / at position \d+/.exec(message)?.[0];
  return at === undefined ? 'it ends too early or is not UTF-8.' : `something is wrong${at}.`;
}
