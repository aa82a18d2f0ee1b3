/** Runs jobs one after another in the order in which they came, whatever becomes of each. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  run<T>(job: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(job);
    const over = (): void => undefined;
    this.#last = turn.then(over, over);
    return turn;
  }
}
