import { fakeClock, type FakeClock } from '../../src/fake-clock.ts';
import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { PODS } from './samples.ts';

const NOON = Date.UTC(2026, 0, 25, 12);

const LOG = [
  'no time yet\n',
  'time="2026-01-25T11:00:00Z" level=info msg=one\n',
  '  at a place of one\n',
  '{"level":"info","ts":"2026-01-25T11:59:00.5Z","msg":"two"}\n',
  '2026-01-25T11:59:30Z three\n',
];
const [untimed = '', one = '', place = '', two = '', three = ''] = LOG;

let simulator: KubernetesSimulator;
let clock: FakeClock;
const logs = new Map<string, string>();

beforeEach(async () => {
  clock = fakeClock({ now: NOON });
  logs.clear();
  logs.set('default/p', LOG.join('')).set('default/two', 'of two\n');
  simulator = await startKubernetesSimulator({ clock, logs: (namespace, name) => logs.get(`${namespace}/${name}`) });
  const create = (name: string, phase: string, ...containers: string[]) =>
    simulator.state.create({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name }, status: { phase } },
      spec: { containers: containers.map((container) => ({ name: container, image: 'demo' })) },
    });
  create('p', 'Running', 'main');
  create('two', 'Running', 'left', 'right');
  create('waits', 'Pending', 'main');
  create('silent', 'Running', 'main');
});

afterEach(() => simulator.close());

const read = (path: string, signal?: AbortSignal) =>
  fetch(`${simulator.url}${PODS}/${path}`, signal === undefined ? {} : { signal });

const answers: Record<string, [path: string, text: string]> = {
  'the whole log': ['p/log', LOG.join('')],
  'the log of a pod that has said nothing': ['silent/log', ''],
  'the last lines': ['p/log?tailLines=2', two + three],
  'none of the lines': ['p/log?tailLines=0', ''],
  'more lines than there are': ['p/log?tailLines=20', LOG.join('')],
  'lines since a time; a line without a time belongs to the one before': [
    'p/log?sinceTime=2026-01-25T11:00:00Z',
    untimed + one + place + two + three,
  ],
  'lines of the last minute': ['p/log?sinceSeconds=59', untimed + three],
  'the time before each line that tells one': [
    'p/log?timestamps=true&tailLines=3',
    `2026-01-25T11:00:00Z ${place}2026-01-25T11:59:00.5Z ${two}2026-01-25T11:59:30Z ${three}`,
  ],
  'so many bytes': ['p/log?limitBytes=7', 'no time'],
  'a container by its name': ['two/log?container=right', 'of two\n'],
};

it.each(Object.entries(answers))('gives %s', async (_sentence, [path, text]) => {
  const answer = await read(path);
  expect([answer.status, await answer.text()]).toEqual([200, text]);
});

const refusals: Record<string, [path: string, status: number, message: string]> = {
  'of a pod that waits to start': [
    'waits/log',
    400,
    'container "main" in pod "waits" is waiting to start: ContainerCreating',
  ],
  'of a pod that is not there': ['nobody/log', 404, 'pods "nobody" not found'],
  'of a container that is not there': ['p/log?container=x', 400, 'container x is not valid for pod p'],
  'of one of two containers': [
    'two/log',
    400,
    'a container name must be specified for pod two, choose one of: [left right]',
  ],
  'of a container before the present one': [
    'p/log?previous=true',
    400,
    'previous terminated container "main" in pod "p" not found',
  ],
  'of minus one lines': ['p/log?tailLines=-1', 400, 'tailLines: Invalid value: "-1": must be a whole number'],
  'since no time': ['p/log?sinceTime=then', 400, 'sinceTime: Invalid value: "then": must be a time'],
};

it.each(Object.entries(refusals))('refuses a log %s', async (_sentence, [path, status, message]) => {
  const answer = await read(path);
  expect([answer.status, ((await answer.json()) as { message: string }).message]).toEqual([status, message]);
});

describe('a log that is followed', () => {
  const controller = new AbortController();

  /** Reads of the answer what is there when the clock has moved on. */
  async function follow(path: string) {
    const answer = await read(path, controller.signal);
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    return { next: async () => (await reader.read()).value, cancel: () => reader.cancel() };
  }

  it('goes on with each complete line that is added', async () => {
    const log = await follow('p/log?follow=true&tailLines=1');
    expect(await log.next()).toBe(three);
    logs.set('default/p', `${LOG.join('')}four\nfi`);
    await clock.advance(1_000);
    expect(await log.next()).toBe('four\n');
    logs.set('default/p', `${LOG.join('')}four\nfive\n`);
    await clock.advance(1_000);
    expect(await log.next()).toBe('five\n');
    await log.cancel();
  });

  it('begins anew with a log that was begun anew', async () => {
    const log = await follow('p/log?follow=true');
    expect(await log.next()).toBe(LOG.join(''));
    logs.set('default/p', 'new\n');
    await clock.advance(1_000);
    expect(await log.next()).toBe('new\n');
    await log.cancel();
  });

  it('ends with the pod, and with its last words', async () => {
    const log = await follow('p/log?follow=true&tailLines=1');
    expect(await log.next()).toBe(three);
    logs.set('default/p', `${LOG.join('')}the end`);
    simulator.state.delete('v1', 'Pod', 'default', 'p');
    expect([await log.next(), await log.next()]).toEqual(['the end', undefined]);
  });
});
