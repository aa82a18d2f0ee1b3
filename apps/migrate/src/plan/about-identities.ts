import { type AzureIdentity, isNamespaced } from '@aad-pod-identity/crd-types';
import { type Draft, identityKey } from './account-plans.ts';
import type { Sentences } from './about-workload.ts';
import { shellQuote } from '../output/shell-quote.ts';
import { isId, targetOf } from './target.ts';
import { nameOf, type Use } from './uses.ts';

type Rule = (identity: AzureIdentity, use: Use, draft: Draft) => string | undefined;

const withoutClientId: Rule = (identity) => {
  const { type, clientID, resourceID } = identity.spec;
  if (clientID !== '') return isId(clientID) ? undefined : 'its clientID is not of the form of an id';
  const target = targetOf(identity);
  if (type !== 0 || !('key' in target)) return 'it has no clientID: put it into the AzureIdentity and plan again';
  const look = `az identity show --ids ${shellQuote(resourceID)} --query clientId --output tsv`;
  return `it has no clientID: put what \`${look}\` prints into the AzureIdentity and plan again`;
};

const withoutTarget: Rule = (identity) => {
  const target = targetOf(identity);
  if ('key' in target || identity.spec.type !== 0) return undefined;
  return `no federated credential can be proposed: ${target.problem}`;
};

const servicePrincipal: Rule = ({ spec: { type } }) =>
  type === 0
    ? undefined
    : `it is a service principal with a ${type === 1 ? 'secret' : 'certificate'}: its application gets the federated credential, and the Secret can go at the end`;

const auxiliaryTenants: Rule = ({ spec: { auxiliaryTenantIDs } }) =>
  auxiliaryTenantIDs.length === 0
    ? undefined
    : `it names ${auxiliaryTenantIDs.length} auxiliary tenant(s), of which NMI gives tokens too: workload identity has one tenant, so the code must allow and ask for each of the others itself`;

const authority: Rule = ({ spec: { type, adEndpoint } }) =>
  type === 0 || adEndpoint === ''
    ? undefined
    : 'it names an adEndpoint: with workload identity, all pods of the cluster get the AZURE_AUTHORITY_HOST that the webhook was installed with';

const namespaced: Rule = (identity, _use, { unit }) =>
  isNamespaced(identity)
    ? `NMI keeps it to namespace ${identity.metadata.namespace}: workload identity has no such rule, there the subject of each federated credential says who may use it`
    : identity.metadata.namespace === unit.namespace
      ? undefined
      : `it is of namespace ${identity.metadata.namespace}, whose people decide over it today; from now on the service account decides, and who may run pods as it`;

const RULES: readonly Rule[] = [
  withoutClientId,
  withoutTarget,
  servicePrincipal,
  auxiliaryTenants,
  authority,
  namespaced,
];

/** Those that are another identity in Azure than the first. */
function several({ uses }: Draft): Sentences {
  const [first] = uses;
  const others = first === undefined ? [] : uses.filter((use) => identityKey(use) !== identityKey(first));
  if (first === undefined || others.length === 0) return [];
  const names = others.map(({ identity }) => nameOf(identity)).join(', ');
  return [
    `it uses several identities: ${nameOf(first.identity)} becomes the one of its service account; for the others (${names}) the code must name the client id, as in WorkloadIdentityCredential(client_id=...)`,
  ];
}

export function aboutIdentities(draft: Draft): Sentences {
  const each = draft.uses.flatMap((use) =>
    RULES.flatMap((rule) => {
      const said = rule(use.identity, use, draft);
      return said === undefined ? [] : [`identity ${nameOf(use.identity)}: ${said}`];
    }),
  );
  return [...several(draft), ...each];
}
