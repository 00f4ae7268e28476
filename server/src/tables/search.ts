/** Columns of the FTS5 table `search`, each as text. */
export interface SearchText {
  title: string;
  description: string;
  tags: string;
}

/** Most words of one search. */
export const MOST_WORDS = 10;

/** Scripts that put no spaces between words: each character is a word of its own there, found as a sequence. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*/gu;

/** The words of a node, from its title and its `fields` (JSON of what is not at its default). */
export function searchText(title: string, fields: string): SearchText {
  const { description = '', tags = {} } =
    fields === '{}' ? {} : (JSON.parse(fields) as { description?: string; tags?: Record<string, boolean> });
  return { title: spaced(title), description: spaced(description), tags: spaced(Object.keys(tags).join(' ')) };
}

/**
 * What somebody typed as an FTS5 expression: every word begins one of the node's words, whatever its case and accents.
 * Each is quoted, so nothing in it is taken for syntax; signs alone are no word. Null when there is no word at all.
 */
export function searchExpression(text: string): string | null {
  const words = wordsOf(text).filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word));
  if (words.length === 0) return null;
  return words.map((word) => `"${spaced(word).trim().replaceAll('"', '""')}"*`).join(' ');
}

/** What stands between spaces. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s\0]+/).filter((word) => word !== '');
}

function spaced(text: string): string {
  return text.replace(UNSPACED, ' $& ');
}
