import type { TargetPlan } from './target-plan.ts';

/**
 * Of a plan what takes nothing from any pod: what is created, and what is assigned. Where something is to be taken off
 * as well, that goes by one write with it, and so waits.
 */
export function onlyGiving(plan: TargetPlan): TargetPlan {
  const { update, drop, hold } = plan.records;
  const records = {
    ...plan.records,
    update: update.filter(({ extent }) => extent !== 'content'),
    drop: [],
    hold: [...hold, ...drop],
  };
  return { ...plan, add: plan.remove.length > 0 ? [] : plan.add, remove: [], records };
}

/** Whether a plan takes something away, or gives it to another. */
export function takesAway({ remove, records }: TargetPlan): boolean {
  return remove.length + records.drop.length > 0 || records.update.some(({ extent }) => extent === 'content');
}
