import { type AccountPlan, type Draft, identityKey, kindAndName } from './account-plans.ts';
import { DEFAULT_ACCOUNT } from './accounts.ts';
import type { Sentences } from './about-workload.ts';
import type { Unit } from './units.ts';
import { nameOf } from './uses.ts';

const NAMED = 5;

function namesOf(units: readonly Unit[]): string {
  const names = units.slice(0, NAMED).map(kindAndName);
  const more = units.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function hindered(_draft: Draft, { namespace, name, hindrance, incomplete }: AccountPlan): Sentences {
  if (hindrance !== undefined) {
    return [`nothing is proposed for service account ${namespace}/${name || '?'}: ${hindrance}`];
  }
  return incomplete === undefined
    ? []
    : [`no objects are printed for service account ${namespace}/${name}: ${incomplete}`];
}

function ownAccount({ unit }: Draft, { name, isOwn }: AccountPlan): Sentences {
  if (!isOwn || unit.template.serviceAccount !== DEFAULT_ACCOUNT) return [];
  return [
    `it runs as ${DEFAULT_ACCOUNT}, which all of its namespace may run as: it gets service account ${name} of its own; what was granted to ${DEFAULT_ACCOUNT} by RBAC must be granted to that too`,
  ];
}

/** NMI enforces such a list by the service account that the pod runs as, so that it must know the new one first. */
function listed({ uses, unit }: Draft, { name }: AccountPlan): Sentences {
  if (name === unit.template.serviceAccount) return [];
  return uses
    .filter(({ binding: { spec } }) => spec.serviceAccountNames.length > 0 && !spec.serviceAccountNames.includes(name))
    .map(
      ({ binding }) =>
        `binding ${nameOf(binding)} lists service accounts: add ${name} to it first, or NMI stops serving these pods`,
    );
}

function shared(draft: Draft, { name, others }: AccountPlan): Sentences {
  if (others.length === 0) return [];
  return [
    `${namesOf(others)} run as service account ${name} too, and may then use these identities as well: where that is not wanted, give ${kindAndName(draft.unit)} a service account of its own`,
  ];
}

/** The credentials are for the account, so every workload of it gets what any of them uses. */
function widened({ uses }: Draft, account: AccountPlan): Sentences {
  const own = new Set(uses.map(identityKey));
  const gained = account.uses.filter((use) => !own.has(identityKey(use))).map(({ identity }) => nameOf(identity));
  if (gained.length === 0 || account.hindrance !== undefined) return [];
  return [
    `it shares service account ${account.name} with workloads that use ${gained.join(', ')}, and may then use that as well: where that is not wanted, separate them`,
  ];
}

const RULES = [hindered, ownAccount, listed, shared, widened];

export function aboutAccount(draft: Draft, account: AccountPlan | undefined): Sentences {
  return account === undefined ? [] : RULES.flatMap((rule) => rule(draft, account));
}
