/** The passes over VMs and scale sets that go on now. What was planned before an uninstall began may still be written by them. */
export class Passes {
  readonly #running = new Set<Promise<unknown>>();

  async run<T>(work: () => Promise<T>): Promise<T> {
    const pass = work();
    this.#running.add(pass);
    try {
      return await pass;
    } finally {
      this.#running.delete(pass);
    }
  }

  /** Resolves once those that run now have ended, however that was. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#running]);
  }
}
