import type { Sandbox } from '../sandbox.ts';

/** One step of the walk-through: done, checked, and told. */
export interface Step {
  readonly title: string;
  /** What the operator does, as a command to copy. */
  readonly command?: (sandbox: Sandbox) => string;
  /**
   * Does it and checks its outcome.
   * @returns a sentence that says what was seen
   * @throws an Error that says what was expected instead
   */
  readonly run: (sandbox: Sandbox) => Promise<string>;
  /** Where to look now: commands and pages. */
  readonly look?: (sandbox: Sandbox) => readonly string[];
}

export interface StepResult {
  readonly title: string;
  readonly ok: boolean;
  readonly seen: string;
  readonly ms: number;
}
