import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ClientFigures } from '../src/kube/measured.ts';
import { podJson, podText } from '../src/kube/pods.ts';
import { comparison } from '../src/kube/report.ts';
import { median, table } from '../src/table.ts';

const main = join(dirname(fileURLToPath(import.meta.url)), '../src/main.ts');
const bench = async (...argv: string[]) => (await promisify(execFile)(process.execPath, [main, ...argv])).stdout;

const medians: Record<string, [values: number[], median: number]> = {
  'the middle of three': [[3, 1, 2], 2],
  'the mean of the two in the middle': [[4, 1, 3, 2], 2.5],
  'the only one': [[7], 7],
};

it.each(Object.entries(medians))('the median is %s', (_sentence, [values, expected]) => {
  expect(median(values)).toBe(expected);
});

it('columns are as wide as they must be', () => {
  expect(
    table(
      ['', 'x'],
      [
        ['long name', '1'],
        ['b', '200'],
      ],
    ),
  ).toBe('             x\nlong name    1\nb          200\n');
});

const figures = (more: Partial<ClientFigures>): ClientFigures => ({
  ...{ listMs: 500, eventsMs: 1_000, cpuMs: 1_200, heap: 2 ** 20, peakRss: 2 ** 27, pods: 10, finished: 5 },
  ...more,
});

it('times and memory are better when they are less, rates when they are more', () => {
  const lines = comparison({ a: [figures({})], b: [figures({ eventsMs: 2_000, heap: 3 * 2 ** 20 })] }, 1_000).split(
    '\n',
  );
  const better = (title: string) =>
    lines
      .find((line) => line.startsWith(title))
      ?.split(/\s+/)
      .at(-1);
  expect(['events, s', 'events/s', 'heap after', 'list, s'].map(better)).toEqual(['2.0x', '2.0x', '3.0x', '1.0x']);
});

it('clients that do not agree on the end give no figures', () => {
  expect(() => comparison({ a: [figures({})], b: [figures({ pods: 9 })] }, 1)).toThrow('the clients disagree');
});

it('a pod is JSON of about the size that it is meant to have', () => {
  const text = podJson(podText(4_711), 123_456, 'Running');
  expect(JSON.parse(text)).toMatchObject({ metadata: { resourceVersion: '123456' }, status: { phase: 'Running' } });
  expect(Math.abs(text.length - 4_400)).toBeLessThan(100);
});

it('the comparison runs, here with few pods', async () => {
  const printed = await bench('kube', '--pods=700', '--events=1500', '--runs=1');
  expect(printed).toMatch(/^heap after, MB +\d+\.\d +\d+\.\d +\d+\.\dx$/m);
});

it.each(['kube', 'startup'])('%s tells its flags', async (name) => {
  expect(await bench(name, '--help')).toContain('--runs');
});

it('an unknown bench is one line that names the known ones', async () => {
  await expect(bench('speed')).rejects.toMatchObject({
    code: 2,
    stderr: 'bench: there is no bench "speed"; known are kube, mic, nmi, rollout, startup\n',
  });
});
