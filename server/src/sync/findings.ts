/** Findings of one kind that are told; a damaged table would have millions. */
const TOLD = 100;

/** Sentences about what does not hold, each behind the place where it was found. */
export class Findings {
  readonly #place: string;
  readonly #told: string[] = [];
  #count = 0;

  constructor(place: string) {
    this.#place = place;
  }

  add(what: string): void {
    this.#count += 1;
    if (this.#count <= TOLD) this.#told.push(`${this.#place}: ${what}`);
  }

  list(): string[] {
    const more = this.#count - this.#told.length;
    return more === 0 ? this.#told : [...this.#told, `${this.#place}: and ${more} more`];
  }
}
