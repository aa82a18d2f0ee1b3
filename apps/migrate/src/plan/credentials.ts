import { createHash } from 'node:crypto';
import type { AccountPlan } from './account-plans.ts';
import { type Target, targetOf } from './target.ts';
import { nameOf } from './uses.ts';

export const AUDIENCE = 'api://AzureADTokenExchange';

/** How many federated credentials one identity or application may have. */
export const MOST_CREDENTIALS = 20;

/** One federated credential: who is let in as what. */
export interface Credential {
  readonly namespace: string;
  readonly account: string;
  readonly target: Target;
  /** The AzureIdentity that it is for, `namespace/name`. */
  readonly identity: string;
  /** Where an application is; empty where that is not known. */
  readonly tenant: string;
}

export const subjectOf = ({ namespace, account }: Pick<Credential, 'namespace' | 'account'>): string =>
  `system:serviceaccount:${namespace}:${account}`;

/** Azure's limit; from 3 on, of letters, digits, `-` and `_`, the first a letter or a digit. */
const NAME_LENGTH = 120;
const DIGEST_LENGTH = 16;

/**
 * The name of a credential: the same in each run, different for each cluster and service account. Readable at its
 * beginning; the digest tells apart what looks alike (`a-b`/`c` and `a`/`b-c`) or was cut.
 */
export function credentialName(of: Pick<Credential, 'namespace' | 'account'>, issuer: string): string {
  const whole = JSON.stringify([issuer, of.namespace, of.account]);
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, DIGEST_LENGTH);
  const readable = `${of.namespace}-${of.account}`.replace(/[^0-9A-Za-z]+/g, '-').replace(/^-+/, '');
  return `${readable.slice(0, NAME_LENGTH - DIGEST_LENGTH - 1)}-${digest}`;
}

function credentialsOfAccount({ namespace, name: account, uses, hindrance }: AccountPlan): Credential[] {
  if (hindrance !== undefined) return [];
  return uses.flatMap(({ identity }) => {
    const target = targetOf(identity);
    if (!('key' in target)) return [];
    return [{ namespace, account, target, identity: nameOf(identity), tenant: identity.spec.tenantID }];
  });
}

/** What is to be created in Azure, each once. */
export function credentialsOf(accounts: readonly AccountPlan[]): Credential[] {
  const found = new Map<string, Credential>();
  for (const credential of accounts.flatMap(credentialsOfAccount)) {
    const key = JSON.stringify([credential.target.kind, credential.target.key, subjectOf(credential)]);
    if (!found.has(key)) found.set(key, credential);
  }
  return [...found.values()];
}

const targetName = (target: Target): string =>
  target.kind === 'managed' ? `managed identity ${target.name}` : 'application';

/** A sentence for each identity that would get more credentials than Azure allows. */
export function beyondLimit(credentials: readonly Credential[]): string[] {
  const groups = Map.groupBy(credentials, ({ target }) => `${target.kind} ${target.key}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length <= MOST_CREDENTIALS) return [];
    return [
      `${targetName(first.target)} of ${first.identity} would get ${group.length} federated credentials, and Azure allows ${MOST_CREDENTIALS}, those it has already included: let workloads share a service account, or use more identities`,
    ];
  });
}
