import { createMetrics, type Metrics } from '@aad-pod-identity/telemetry';
import { systemClock } from '@aad-pod-identity/runtime';
import { kubernetesErrorCounter } from './kubernetes-metrics.ts';
import { endToEnd, requestHeaders } from './proxy.ts';
import { healthz, readyz } from './readiness.ts';
import { requestObserver } from './request-metrics.ts';
import { tokenMetrics } from './tokens/observed.ts';

describe('the request metric', () => {
  const seriesOf = async (...resources: string[]): Promise<string[]> => {
    const metrics = createMetrics({ processMetrics: false });
    const observe = requestObserver(metrics);
    for (const resource of resources)
      observe({ route: 'token', status: 200, seconds: 0.01, namespace: 'default', resource });
    return (await metrics.render()).split('\n').filter((line) => line.startsWith('aadpodidentity_nmi_operations'));
  };

  it('gets at most 50 series more, however many resources are asked for', async () => {
    const many = Array.from({ length: 10_000 }, (_, number) => `https://${number}.blob.core.windows.net/`);
    const series = await seriesOf(...many);
    expect(series.length).toBeLessThanOrEqual(50);
    expect(series.at(-1)).toMatch(/resource="other"\} 10000$/);
  });

  it('forgets namespaces that were not seen for long, and none that a pod of the node may be in', async () => {
    const metrics = createMetrics({ processMetrics: false });
    const observe = requestObserver(metrics);
    const see = (namespace: string, status: number) => {
      observe({ route: 'token', status, seconds: 0.01, namespace });
    };
    for (let number = 0; number < 5_000; number++) {
      see(`ci-${number}`, 200);
      see(`ci-${number}`, 400);
      see(`lasting-${number % 50}`, 200);
    }
    const counts = (await metrics.render()).split('\n').filter((line) => line.includes('_seconds_count{'));
    expect(counts.length).toBeLessThanOrEqual(600);
    const lasting = counts.filter((line) => line.includes('namespace="lasting-'));
    expect(lasting.map((line) => line.replace(/.* /, ''))).toEqual(Array(50).fill('100'));
  });

  it.each<[sentence: string, resource: string, label: string]>([
    ['a service of Azure has a series of its own', 'https://vault.azure.net', 'https://vault.azure.net'],
    ['with a slash it has another, as it was asked for', 'https://storage.azure.com/', 'https://storage.azure.com/'],
    ['other capitals are no other resource', 'HTTPS://Vault.Azure.net', 'https://vault.azure.net'],
    ['what only looks like one has none', 'https://vault.azure.net//', 'other'],
    ['neither has anything else', 'api://my-own', 'other'],
  ])('%s', async (_, resource, label) => {
    expect((await seriesOf(resource)).at(-1)).toContain(`resource="${label}"`);
  });
});

/** What dashboards of 1.8.17 ask for. */
describe('the metrics of 1.8.17', () => {
  const TOKEN_BUCKETS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 2, 3, 4, 5, 10];
  const REQUEST_BUCKETS = [0.5, 1, 2, 3, 4, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100];
  const signal = new AbortController().signal;
  const callAs = (operation: 'adal_token_msi' | 'adal_token', fails: boolean) => async (metrics: Metrics) => {
    const source = () => (fails ? Promise.reject(new Error('no')) : Promise.resolve({}));
    const calls = tokenMetrics(metrics, systemClock).calls(source as never, () => operation);
    await calls({}, signal).catch(() => undefined);
  };

  it.each<[name: string, move: (metrics: Metrics) => unknown, labels: string, buckets: number[]]>([
    [
      'nmi_operations_duration_seconds',
      (metrics) => {
        requestObserver(metrics)({ route: 'token', status: 200, seconds: 1, namespace: 'n', resource: 'r' });
      },
      'operation_type="token",status_code="200",namespace="n",resource="other"',
      REQUEST_BUCKETS,
    ],
    [
      'imds_operations_duration_seconds',
      callAs('adal_token_msi', false),
      'operation_type="adal_token_msi"',
      TOKEN_BUCKETS,
    ],
    ['imds_operations_errors_count', callAs('adal_token', true), 'operation_type="adal_token"', []],
    [
      'kubernetes_api_operations_errors_count',
      (metrics) => {
        kubernetesErrorCounter(metrics)('get_secret');
      },
      'operation_type="get_secret"',
      [],
    ],
  ])('%s', async (name, move, labels, buckets) => {
    const metrics = createMetrics({ processMetrics: false });
    await move(metrics);
    const text = await metrics.render();
    const suffix = buckets.length === 0 ? '' : '_count';
    expect(text).toContain(`aadpodidentity_${name}${suffix}{${labels}} 1\n`);
    for (const le of buckets) expect(text).toContain(`aadpodidentity_${name}_bucket{le="${le}",${labels}} `);
  });
});

describe('health', () => {
  const all = {
    rulesInPlace: () => true,
    redirectionProblem: (): string | undefined => undefined,
    staleWatches: () => [],
    listenerAnswers: () => Promise.resolve(true),
  };

  it.each<[sentence: string, options: typeof all, health: string, ready: number, body: string]>([
    ['all is well', all, 'Active', 200, 'ok\n'],
    [
      'the rules are missing',
      { ...all, rulesInPlace: () => false, redirectionProblem: () => 'redirection rules are not in place' },
      'Not Active',
      503,
      'redirection rules are not in place\n',
    ],
    [
      'the way is closed',
      { ...all, redirectionProblem: () => 'route_localnet is 0' },
      'Active',
      503,
      'route_localnet is 0\n',
    ],
    ['a watch is silent', { ...all, staleWatches: () => ['pods'] as never[] }, 'Active', 503, 'not fresh: pods\n'],
    [
      'the listener hangs',
      { ...all, listenerAnswers: () => Promise.resolve(false) },
      'Active',
      503,
      'the listener does not answer\n',
    ],
  ])('when %s', async (_, options, health, ready, body) => {
    expect(healthz(options)).toEqual({ status: 200, body: health });
    expect(await readyz(options)).toEqual({ status: ready, body });
  });
});

describe('headers that are passed on', () => {
  it.each<[sentence: string, headers: Record<string, string>, passed: Record<string, string>]>([
    ['all that concern the request', { metadata: 'true', 'user-agent': 'x' }, { metadata: 'true', 'user-agent': 'x' }],
    [
      'none of one connection',
      { connection: 'close, X-A', 'x-a': '1', te: 'x', upgrade: 'h2c', 'x-b': '1' },
      { 'x-b': '1' },
    ],
    ['none that tell of proxies', { 'x-forwarded-host': 'a', 'x-forwarded-for': 'a', forwarded: 'a' }, {}],
    ['not the caller’s host', { host: 'a' }, {}],
  ])('are %s', (_, headers, passed) => {
    expect(endToEnd(headers)).toEqual(passed);
  });

  it('of a pod are those that clients of the metadata service send, and no others', () => {
    const sent = { metadata: 'true', 'user-agent': 'x', accept: '*/*', 'x-ms-client-request-id': '1' };
    const others = { 'x-original-url': '/', via: 'x', 'x-real-ip': '1', cookie: 'a', authorization: 'b', 'x-msx': '1' };
    expect(requestHeaders({ ...sent, ...others })).toEqual(sent);
  });
});
