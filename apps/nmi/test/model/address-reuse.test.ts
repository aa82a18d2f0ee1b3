import fc from 'fast-check';
import { NodeModel } from './node-model.ts';

type Step = (model: NodeModel) => unknown;
type Named = readonly [name: string, step: Step];

const pick = fc.nat(3);
const named = (name: string, step: Step): Named => [name, step];

/** Everything that can happen on a node, each in any order and at any time. */
const step: fc.Arbitrary<Named> = fc.oneof(
  { weight: 4, arbitrary: pick.map((at) => named(`start ${at}`, (model) => model.startPod(at))) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(pick, fc.boolean())
      .map(([at, leaves]) => named(`end ${at} ${leaves ? 'leaving its interface' : ''}`, (m) => m.endPod(at, leaves))),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(pick, pick).map(([at, to]) => named(`restart ${at} at ${to}`, (m) => m.restartPod(at, to))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(pick, fc.boolean())
      .map(([at, bound]) => named(`${bound ? '' : 'un'}bind ${at}`, (m) => m.bind(at, bound))),
  },
  { weight: 2, arbitrary: fc.constant(named('report', (model) => model.report())) },
  { weight: 2, arbitrary: fc.constant(named('deliver one', (model) => model.deliver(1))) },
  { weight: 2, arbitrary: fc.constant(named('deliver all', (model) => model.deliver())) },
  { weight: 1, arbitrary: fc.constant(named('bookmark', (model) => model.bookmark())) },
  { weight: 1, arbitrary: fc.constant(named('break the watch', (model) => model.breakWatch())) },
  { weight: 1, arbitrary: fc.constant(named('list', (model) => model.list())) },
  { weight: 1, arbitrary: fc.boolean().map((up) => named(`API ${up ? 'up' : 'down'}`, (model) => model.setApi(up))) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(100, 1_500, 6_000, 30_000, 70_000)
      .map((ms) => named(`${ms} ms pass`, (model) => model.pass(ms))),
  },
);

/** Whose tokens the sandboxes get, over a new connection and over the one that they keep. */
async function askAll(model: NodeModel): Promise<[uid: string, given: string, bound: boolean][]> {
  const answers: [string, string, boolean][] = [];
  for (const sandbox of [...model.sandboxes]) {
    for (const connection of [{}, sandbox.connection]) {
      answers.push([sandbox.uid, await model.ask(sandbox, connection), model.isBound(sandbox)]);
    }
  }
  return answers;
}

const seen = { steps: 0, tokens: 0, refusals: 0 };

async function play(steps: readonly (readonly [Named, boolean])[]): Promise<void> {
  const model = new NodeModel();
  await model.start();
  try {
    for (const [[, act], asks] of steps) {
      await act(model);
      seen.steps++;
      // Asking at each step would leave no pod that NMI has not looked at.
      for (const [uid, given, bound] of asks ? await askAll(model) : []) {
        if (given === 'none') seen.refusals++;
        else seen.tokens++;
        expect(['none', ...(bound ? [uid] : [])]).toContain(given);
      }
    }
  } finally {
    model.stop();
  }
}

describe('addresses that move between pods', () => {
  it('never bring a pod the token of another, whatever happens in whatever order', async () => {
    const story = fc.array(fc.tuple(step, fc.boolean()), { minLength: 5, maxLength: 60, size: 'max' });
    await fc.assert(fc.asyncProperty(story, play), { numRuns: 500 });
    // the model lets pods have tokens at all, and takes them away
    expect([seen.steps > 5_000, seen.tokens > 2_000, seen.refusals > 500]).toEqual([true, true, true]);
  });
});
