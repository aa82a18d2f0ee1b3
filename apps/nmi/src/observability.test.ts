import { createMetrics } from '@aad-pod-identity/telemetry';
import { endToEnd } from './proxy.ts';
import { healthz, readyz } from './readiness.ts';
import { requestObserver } from './request-metrics.ts';

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
});
