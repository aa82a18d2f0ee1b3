import { createMetrics } from '@aad-pod-identity/telemetry';
import { endToEnd } from './proxy.ts';
import { healthz, readyz } from './readiness.ts';
import { requestObserver } from './request-metrics.ts';

describe('the request metric', () => {
  it('gets few series however many resources are asked for', async () => {
    const metrics = createMetrics({ processMetrics: false });
    const observe = requestObserver(metrics);
    for (let number = 0; number < 10_000; number++) {
      observe({ route: 'token', status: 200, seconds: 0.01, namespace: 'default', resource: `https://${number}/` });
    }
    const counts = (await metrics.render()).split('\n').filter((line) => line.includes('_seconds_count{'));
    expect(counts).toHaveLength(21);
    expect(counts.at(-1)).toMatch(/resource="other"\} 9980$/);
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
