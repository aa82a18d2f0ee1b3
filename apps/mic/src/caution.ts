import { onlyGiving, takesAway } from './plan/only-giving.ts';
import type { TargetPlan } from './plan/target-plan.ts';

/**
 * Who begins to lead may have watched over a connection that is dead, and not know the pods for which another has
 * assigned identities since. So nothing is taken away before it is sure that what is known is not out of date.
 */
export class Caution {
  #isSure = false;
  readonly #withheld = new Set<string>();

  /** What of the plan for `key` may be carried out. */
  of(key: string, plan: TargetPlan): TargetPlan {
    if (this.#isSure || !takesAway(plan)) return plan;
    this.#withheld.add(key);
    return onlyGiving(plan);
  }

  /** From now on everything is done. Gives the keys to be looked at again. */
  beSure(): readonly string[] {
    this.#isSure = true;
    const keys = [...this.#withheld];
    this.#withheld.clear();
    return keys;
  }
}
