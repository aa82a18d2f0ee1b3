const SECOND = 1000;
const MINUTE = 60 * SECOND;

export interface ReasonRow {
  /** The object whose Event it is: `kubectl describe` of it shows the reason. */
  readonly about: 'pod' | 'binding' | 'cluster';
  readonly type: 'Normal' | 'Warning';
  /** Said once for each of these, and again only after it was over. */
  readonly once: 'binding' | 'pod' | 'pod and binding' | 'cluster';
  /** How long it must last before it is said: what comes in order within that time was never wrong. */
  readonly graceMs: number;
  /** What it means, for people. */
  readonly says: string;
}

/**
 * Why a pod gets no identity, or will not get far with it: the closed list for the log, Events, metrics and conditions.
 * What ARM refuses is not here; there the reason is ARM's own code.
 */
export const REASONS = {
  BindingUnreadable: row('binding', 'binding', 0, 'the binding cannot be read'),
  BindingInvalid: row('binding', 'binding', 0, 'the binding can never bind a pod'),
  IdentityNotFound: row('binding', 'binding', 5 * SECOND, 'the binding names an identity that does not exist'),
  IdentityUnreadable: row('binding', 'binding', 0, 'the identity cannot be read'),
  IdentityInvalid: row('binding', 'binding', 0, 'the identity can never be assigned'),
  SelectorMatchesNothing: {
    ...row('binding', 'binding', MINUTE, 'no pod carries the label that the binding selects'),
    type: 'Normal',
  },
  DuplicateBinding: {
    ...row('binding', 'binding', 0, 'another binding gives the same identity to the same pods'),
    type: 'Normal',
  },
  OtherNamespace: row('binding', 'pod and binding', 0, 'the identity is kept to pods of its own namespace'),
  ServiceAccountNotAllowed: row('binding', 'pod and binding', 0, 'the binding does not list the service account'),
  NodeWithoutProviderID: row('binding', 'pod and binding', 0, 'the node does not say which Azure VM it is'),
  NoBinding: row('pod', 'pod', 10 * SECOND, 'no binding selects the label of the pod'),
  HostNetwork: row('pod', 'pod', 0, 'the pod is on the network of its node, where NMI serves nobody'),
  NodeWithoutNMI: row('pod', 'pod', 2 * MINUTE, 'NMI does not run on the node of the pod'),
  NoNMI: row('cluster', 'cluster', 2 * MINUTE, 'NMI runs nowhere'),
  SeveralInstalls: row('cluster', 'cluster', 10 * MINUTE, 'NMI runs in more than one namespace: two installs'),
} as const satisfies Record<string, ReasonRow>;

export type Reason = keyof typeof REASONS;
export const REASON_NAMES = Object.keys(REASONS) as Reason[];

function row(about: ReasonRow['about'], once: ReasonRow['once'], graceMs: number, says: string): ReasonRow {
  return { about, type: 'Warning', once, graceMs, says };
}
