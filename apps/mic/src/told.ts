/** The oldest is forgotten when there are more. */
const MOST = 4_096;

/** What was said last of each thing, so that the same is said once. */
export class Told {
  readonly #said = new Map<string, string>();

  /** Whether `what` is news of `thing`. */
  isNews(thing: string, what: string): boolean {
    const before = this.#said.get(thing);
    this.#said.delete(thing);
    this.#said.set(thing, what);
    for (const oldest of this.#said.keys()) {
      if (this.#said.size <= MOST) break;
      this.#said.delete(oldest);
    }
    return before !== what;
  }

  /** It is over: if it comes again it is news. */
  over(thing: string): void {
    this.#said.delete(thing);
  }
}
