/** What a server says in an answer that is no success: the sentence of its error, else the beginning of what came. */
export async function refusalIn(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } };
    if (typeof error?.message === 'string') return error.message;
  } catch {
    // Not of this protocol: a proxy perhaps.
  }
  return `HTTP ${answer.status} ${text.slice(0, 200)}`.trim();
}
