/** A head longer than this is none that the form reader takes. */
const LONGEST = 16_384;
const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * The `Content-Type` of each part of a form as it was sent. The form reader hands out a tidied one, in lower case and
 * without parameters; an API that compares it byte for byte needs the original.
 */
export class PartTypes {
  readonly #delimiter: Buffer;
  readonly #heads: { name: string; type: string | null }[] = [];
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

  /** The type of the next part of this name, parts before it left behind. */
  next(name: string): string | null {
    for (let head = this.#heads.shift(); head; head = this.#heads.shift()) if (head.name === name) return head.type;
    return null;
  }

  #read(head: string): void {
    const name = /^content-disposition:[^\r\n]*?\bname="?([^";\r\n]*)/im.exec(head)?.[1] ?? '';
    const type = /^content-type:[ \t]*([^\r\n]*?)[ \t]*$/im.exec(head)?.[1] ?? null;
    this.#heads.push({ name, type });
  }
}
