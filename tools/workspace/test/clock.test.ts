import { type Finding, findings, writeProjectGraph } from './lint.ts';

/** Every way to the time that is not the clock module's, and the rule that closes it. */
const forbidden: Record<string, [source: string, rule: string]> = {
  'the wall clock': ['void Date.now();', 'no-restricted-properties'],
  'the wall clock, of the global object': ['void globalThis.Date.now();', 'no-restricted-syntax'],
  'the wall clock, by another name': ['const { now } = Date;', 'no-restricted-properties'],
  'a new Date()': ['void new Date();', 'no-restricted-syntax'],
  'a new Date() of the global object': ['void new globalThis.Date();', 'no-restricted-syntax'],
  'the time as a text': ['void Date();', 'no-restricted-syntax'],
  'the monotonic clock': ['void performance.now();', 'no-restricted-properties'],
  'the monotonic clock, of the global object': ['void globalThis.performance.now();', 'no-restricted-syntax'],
  'the monotonic clock, imported': ["export { performance } from 'node:perf_hooks';", 'no-restricted-imports'],
  'the clock of the process': ['void process.hrtime();', 'no-restricted-properties'],
  'the clock of the process, exact': ['void process.hrtime.bigint();', 'no-restricted-properties'],
  'the clock of the process, imported': ["export { hrtime } from 'node:process';", 'no-restricted-imports'],
  'the age of the process': ['void process.uptime();', 'no-restricted-properties'],
  'a timer': ['setTimeout(String, 5);', 'no-restricted-globals'],
  'a timer of the global object': ['globalThis.setTimeout(String, 5);', 'no-restricted-syntax'],
  'a timer of the global object, by a text': ["globalThis['setTimeout'](String, 5);", 'no-restricted-syntax'],
  'a timer that comes again': ['setInterval(String, 5);', 'no-restricted-globals'],
  'a timer that comes at once': ['setImmediate(String);', 'no-restricted-globals'],
  'a timer that is imported': ["export { setTimeout } from 'node:timers';", 'no-restricted-imports'],
  'a timer that is awaited': ["export { setInterval } from 'timers/promises';", 'no-restricted-imports'],
  'a deadline': ['void AbortSignal.timeout(5);', 'no-restricted-properties'],
};

const allowed: Record<string, string> = {
  'a moment that is given': 'void new Date(0).toISOString();',
  'a text that is read': "void Date.parse('2020-01-01');",
};

const sources = [...Object.values(forbidden).map(([source]) => source), ...Object.values(allowed)];
const isOfClock = ({ rule }: Finding) => rule.startsWith('no-restricted-');
let found: Finding[];

/** One file for all of them, a line each: a run of the linter takes seconds. */
beforeAll(() => {
  writeProjectGraph();
  found = findings('apps/nmi/src/main.ts', `${sources.join('\n')}\n`);
}, 120_000);

const rulesOf = (source: string) =>
  found.filter(({ line }) => line === sources.indexOf(source) + 1).map(({ rule }) => rule);

it.each(Object.entries(forbidden))('%s belongs to the clock module', (_sentence, [source, rule]) => {
  expect(rulesOf(source)).toContain(rule);
});

it.each(Object.entries(allowed))('%s asks no clock', (_sentence, source) => {
  expect(found.filter(isOfClock).map(({ line }) => line)).not.toContain(sources.indexOf(source) + 1);
});

it('the clock module may ask', () => {
  const source = 'void Date.now();\nvoid performance.now();\nsetTimeout(String, 5);\n';
  expect(findings('libs/runtime/src/clock.ts', source).filter(isOfClock)).toEqual([]);
}, 60_000);
