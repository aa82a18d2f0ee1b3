import { BytesIEC, PercentUnit, RequestsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { dashboard } from './dashboard.ts';
import { bars, limited, lines, stacked } from './panels.ts';
import { increase, max, ofProcess, percentiles, PREFIX, quantile, rate, sum, total } from './promql.ts';

const REQUESTS = 'nmi_operations_duration_seconds';
const TOKENS = `${REQUESTS}{operation_type="token", namespace=~"$namespace"}`;
const TOKEN_COUNTS = `${REQUESTS}_count{operation_type="token", namespace=~"$namespace"}`;
const OTHERS = `${REQUESTS}_count{operation_type!="token", namespace=~"$namespace"}`;
/** Every NMI has it, and nothing else does. */
const NMI = 'token_cache_entries';

const tokens = [
  stacked({
    title: 'Token requests',
    description:
      'By the namespace of the pod and the status of the answer. Without a namespace: no pod is known that asks.',
    unit: RequestsPerSecond,
    queries: { '{{namespace}} {{status_code}}': rate(TOKEN_COUNTS, 'namespace', 'status_code') },
  }),
  bars({
    title: 'Answers in all',
    description:
      'How many token requests ended how, in the time that is looked at. 403: Azure refuses, or no identity; 404 and 503: not assigned yet, or Azure is away; 429: too many.',
    unit: Short,
    queries: { '{{namespace}} {{status_code}}': total(TOKEN_COUNTS, 'namespace', 'status_code') },
  }),
  lines({
    title: 'Time of a token request',
    description:
      'Half, 95 % and 99 % of the answers took no longer. Milliseconds from the cache; more means Azure, or waits.',
    unit: Seconds,
    queries: percentiles(TOKENS),
  }),
  lines({
    title: 'Time of a token request, by namespace',
    description: '95 % of the answers took no longer.',
    unit: Seconds,
    queries: { '{{namespace}}': quantile(0.95, TOKENS, ['namespace']) },
  }),
  stacked({
    title: 'Other requests',
    description: 'Of the metadata service itself, and what is refused, by the kind of the request and the status.',
    unit: RequestsPerSecond,
    queries: { '{{operation_type}} {{status_code}}': rate(OTHERS, 'operation_type', 'status_code') },
  }),
];

const cache = [
  stacked({
    title: 'What the cache did',
    description:
      'hit: the token was there; miss: Azure was asked; refused: Azure had refused it before; the rest are renewals.',
    unit: RequestsPerSecond,
    queries: { '{{result}}': rate('token_cache_results_total', 'result') },
  }),
  lines({
    title: 'Share of hits',
    description: 'Near 100 % where pods ask again and again; a drop means new pods, or tokens that cannot be kept.',
    unit: PercentUnit,
    queries: {
      hits: `${rate('token_cache_results_total{result="hit"}')} / ${rate('token_cache_results_total{result=~"hit|miss|refused"}')}`,
    },
  }),
  lines({
    title: 'Tokens kept',
    description: 'By all NMIs, and by the one that keeps most.',
    unit: Short,
    queries: { all: sum('token_cache_entries'), most: max('token_cache_entries') },
  }),
  lines({
    title: 'Token services that are left alone',
    description:
      'On how many nodes the metadata service (imds) or Entra ID (entra) is not asked for some seconds, because it failed or throttled. Tokens that are known are served.',
    unit: Short,
    queries: { '{{target}}': sum('token_circuits_open', 'target') },
  }),
];

const waits = [
  stacked({
    title: 'Requests that waited for an identity',
    description: 'found: it was assigned in time; missed: the pod got an error instead. See time to Assigned of MIC.',
    unit: RequestsPerSecond,
    queries: { '{{result}}': rate('nmi_identity_wait_seconds_count', 'result') },
  }),
  lines({
    title: 'How long they waited',
    description: '95 % no longer.',
    unit: Seconds,
    queries: { '{{result}}': quantile(0.95, 'nmi_identity_wait_seconds', ['result']) },
  }),
];

const behind = [
  lines({
    title: 'Time of a call for a token',
    description:
      '95 % took no longer. adal_token: Entra ID, for service principals; the others: the metadata service of the node.',
    unit: Seconds,
    queries: { '{{operation_type}}': quantile(0.95, 'imds_operations_duration_seconds', ['operation_type']) },
  }),
  stacked({
    title: 'Calls for a token that failed',
    description: 'Refusals too: a wrong secret, an identity that is gone.',
    unit: RequestsPerSecond,
    queries: { '{{operation_type}}': rate('imds_operations_errors_count', 'operation_type') },
  }),
  stacked({
    title: 'Kubernetes API calls that failed',
    description:
      'get_pod_list: pods cannot be listed or watched; get_secret: the Secret of a service principal cannot be read.',
    unit: RequestsPerSecond,
    queries: {
      '{{operation_type}}': rate(
        'kubernetes_api_operations_errors_count{operation_type=~"get_pod_list|get_secret"}',
        'operation_type',
      ),
    },
  }),
];

const nodes = [
  limited({
    title: 'Redirection rules written anew',
    description:
      'Only nodes on which somebody took them away. More than once in a while: see AadPodIdentityRulesMissing.',
    unit: Short,
    queries: { '{{instance}}': `${increase('nmi_redirection_repairs_total', 'instance')} > 0` },
    ...{ warn: 1, limit: 3 },
  }),
  stacked({
    title: 'Connections refused',
    description: 'Only nodes on which one pod, or all together, opened more connections than they may.',
    unit: RequestsPerSecond,
    queries: { '{{instance}}': `${rate('nmi_refused_connections_total', 'instance')} > 0` },
  }),
  lines({
    title: 'Memory of NMI',
    description: 'On the node where it takes most, and on average.',
    unit: BytesIEC,
    queries: {
      most: `max(${ofProcess('process_resident_memory_bytes', NMI)})`,
      average: `avg(${ofProcess('process_resident_memory_bytes', NMI)})`,
    },
  }),
  lines({
    title: 'Processors that NMI takes',
    description: 'On the node where it takes most, and on average.',
    unit: Short,
    queries: {
      most: `max(${ofProcess('rate(process_cpu_seconds_total[$__rate_interval])', NMI)})`,
      average: `avg(${ofProcess('rate(process_cpu_seconds_total[$__rate_interval])', NMI)})`,
    },
  }),
  lines({
    title: 'NMIs that are scraped',
    description: 'One for each node. Fewer: see AadPodIdentityNmiDown.',
    unit: Short,
    queries: { NMIs: `count(${PREFIX}${NMI})` },
  }),
];

export const nmiDashboard = dashboard({
  title: 'AAD Pod Identity / NMI',
  description: 'Tokens that pods ask for, node by node: how many, how fast, from where.',
  uid: 'aad-pod-identity-nmi',
  variables: { namespace: `label_values(${PREFIX}${REQUESTS}_count, namespace)` },
  rows: { Tokens: tokens, Cache: cache, Waits: waits, 'Behind NMI': behind, Nodes: nodes },
});
