import type { TargetView } from '../world/target-view.ts';
import type { TargetPlan } from './target-plan.ts';

/** A VM or scale set as an uninstall sees it: nobody needs anything any more, and nobody is told why. */
export function neededByNobody(view: TargetView): TargetView {
  return { ...view, needs: [], notices: [] };
}

/** What is never taken off is given up, for nobody will be there to own it. */
export function givingUp(plan: TargetPlan, stays: (armId: string) => boolean): TargetPlan {
  const without = (ids: ReadonlySet<string>): ReadonlySet<string> => new Set([...ids].filter((id) => !stays(id)));
  return { ...plan, owned: without(plan.owned), ledger: without(plan.ledger) };
}
