import type { RecordView } from '../world/views.ts';
import { armIdOf } from './need.ts';
import type { RecordPlan } from './plan-records.ts';

/** Whether a need or a record is of an identity that ARM assigns. */
export function isAboutArm({ identity }: { readonly identity: RecordView['identity'] }): boolean {
  return armIdOf(identity) !== undefined;
}

/** The part of a plan that has nothing to do with ARM: types 1 and 2 never wait for it. */
export function withoutArm({ create, update, drop }: RecordPlan): RecordPlan {
  return {
    create: create.filter(({ need }) => !isAboutArm(need)),
    update: update.filter(({ need }) => !isAboutArm(need)),
    drop: drop.filter((record) => !isAboutArm(record)),
    hold: [],
  };
}
