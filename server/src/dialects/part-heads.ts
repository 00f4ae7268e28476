/** A head longer than this is none that the form reader takes. */
const LONGEST = 16_384;
const HEAD_END = Buffer.from('\r\n\r\n');

/** What the head of a part says. */
export interface PartHead {
  name: string;
  /** `Content-Type`, exactly as it was sent; null when there is none. */
  type: string | null;
  /** Has it a file name, be it an empty one? */
  isNamed: boolean;
}

/**
 * The heads of the parts of a form as they were sent. The form reader hands out a tidied type, in lower case and
 * without parameters, and knows no empty file name; some APIs tell these things apart.
 */
export class PartHeads {
  readonly #delimiter: Buffer;
  readonly #heads: PartHead[] = [];
  #isInHead = false;
  #left: Buffer = Buffer.from('\r\n');

  constructor(contentType: string) {
    const [, quoted, bare] = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
    this.#delimiter = Buffer.from(`\r\n--${quoted ?? bare ?? ''}`, 'latin1');
  }

  /** Looks through the next bytes of the body. */
  push(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#left, chunk]);
    for (;;) {
      const sought = this.#isInHead ? HEAD_END : this.#delimiter;
      const at = bytes.indexOf(sought);
      if (at < 0) break;
      if (this.#isInHead) this.#read(bytes.toString('utf8', 0, at));
      bytes = bytes.subarray(at + sought.length);
      this.#isInHead = !this.#isInHead;
    }
    const keep = this.#isInHead ? LONGEST : this.#delimiter.length - 1;
    this.#left = Buffer.from(bytes.subarray(Math.max(0, bytes.length - keep)));
  }

  /** The head of the next part of this name, parts before it left behind. */
  next(name: string): PartHead {
    for (let head = this.#heads.shift(); head; head = this.#heads.shift()) if (head.name === name) return head;
    return { name, type: null, isNamed: false };
  }

  #read(head: string): void {
    const disposition = /^content-disposition:[^\r\n]*/im.exec(head)?.[0] ?? '';
    const name = /\bname="?([^";]*)/i.exec(disposition)?.[1] ?? '';
    const type = /^content-type:[ \t]*([^\r\n]*?)[ \t]*$/im.exec(head)?.[1] ?? null;
    this.#heads.push({ name, type, isNamed: /\bfilename=/i.test(disposition) });
  }
}
