import { createMetrics } from '@aad-pod-identity/telemetry';
import { fakeClock } from '@aad-pod-identity/testing';
import { type TokenMetrics, tokenMetrics } from './observed.ts';

type Move = (token: TokenMetrics) => void | Promise<void>;
type Told = Omit<TokenMetrics, 'calls'>;

const told =
  <K extends keyof Told>(name: K, ...values: Parameters<Told[K]>): Move =>
  (token) => {
    (token[name] as (...values: Parameters<Told[K]>) => void)(...values);
  };

const failing =
  (signal: AbortSignal): Move =>
  async (token) => {
    const source = () => Promise.reject(new Error('no'));
    const calls = token.calls(source, () => 'adal_token');
    await calls({}, signal).catch(() => undefined);
  };

describe('between NMI and those who give tokens', () => {
  it.each<[sentence: string, moves: Move[], line: RegExp]>([
    ['what the cache did is counted', [told('cache', 'hit')], /^token_cache_results_total\{result="hit"\} 1$/m],
    ['what it holds is told', [told('cacheSize', () => 7)], /^token_cache_entries 7$/m],
    ['an open circuit is told', [told('circuit', 'imds', true)], /^token_circuits_open\{target="imds"\} 1$/m],
    [
      'and is told no more once it has closed',
      [told('circuit', 'imds', true), told('circuit', 'imds', false)],
      /^token_circuits_open\{target="imds"\} 0$/m,
    ],
    [
      'a call that failed is an error',
      [failing(new AbortController().signal)],
      /^imds_operations_errors_count\{.*\} 1$/m,
    ],
    [
      'one whose caller left is none',
      [failing(AbortSignal.abort())],
      /^imds_operations_errors_count\{operation_type="adal_token"\} 0$/m,
    ],
  ])('%s', async (_, moves, line) => {
    const metrics = createMetrics({ processMetrics: false, prefix: '' });
    const token = tokenMetrics(metrics, fakeClock());
    for (const move of moves) await move(token);
    expect(await metrics.render()).toMatch(line);
  });
});
