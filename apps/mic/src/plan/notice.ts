import type { Meta } from '@aad-pod-identity/crd-types';
import type { PodView } from '../world/views.ts';
import { type Reason, REASONS } from './reasons.ts';

export interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** That a reason of the closed list holds, of whom, and what exactly is wrong. */
export interface Notice {
  readonly reason: Reason;
  /** One line for people. */
  readonly detail: string;
  readonly pod?: Pick<PodView, keyof Named>;
  readonly binding?: Named;
  /** `namespace/name` of the AzureIdentity that the pod does not get. */
  readonly identity?: string;
}

export type Problem = Pick<Notice, 'reason' | 'detail'>;

export const named = ({ namespace, name, uid }: Pick<Meta, keyof Named>): Named => ({ namespace, name, uid });

/** Names a notice among all: it is another one when its words are. */
export function noticeKey({ reason, detail, pod, binding }: Notice): string {
  return JSON.stringify([reason, detail, pod?.uid, binding?.uid]);
}

/** Notices that share this are said once. */
export function onceKey({ reason, detail, pod, binding }: Notice): string {
  const { once } = REASONS[reason];
  if (once === 'cluster') return reason;
  if (once === 'pod') return JSON.stringify([reason, pod?.uid]);
  return JSON.stringify([reason, detail, binding?.uid, once === 'binding' ? undefined : pod?.uid]);
}
