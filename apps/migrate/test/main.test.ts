import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workload } from './objects.ts';
import { run } from './run.ts';
import { type Scene, startScene } from './scene.ts';

describe('without a cluster', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'home-'));
  });
  afterAll(() => {
    rmSync(home, { recursive: true });
  });

  const cases: Record<string, [flags: string[], code: number, out: RegExp, err: RegExp]> = {
    '--help lists the flags': [['--help'], 0, /^Usage: aad-pod-identity-migrate \[flags\]$[^]*--issuer string/m, /^$/],
    '--version prints name, version and commit': [['--version'], 0, /^aad-pod-identity-migrate \S+ \S+\n$/, /^$/],
    'another form of output is refused by name': [
      ['--output=json'],
      2,
      /^$/,
      /^aad-pod-identity-migrate: --output: "json" is not one of text, yaml, commands\n$/,
    ],
    'a kubeconfig that is not there is named': [
      ['--kubeconfig=/no/such'],
      1,
      /^$/,
      /^aad-pod-identity-migrate: kubeconfig \/no\/such: ENOENT[^\n]*\n$/,
    ],
    'without any, the one of the home folder is asked for': [
      [],
      1,
      /^$/,
      /: kubeconfig \S+\/\.kube\/config: ENOENT[^\n]*\n$/,
    ],
  };

  it.each(Object.entries(cases))('%s', async (_sentence, [flags, code, out, err]) => {
    const result = await run(flags, { HOME: home });
    expect(result.out).toMatch(out);
    expect(result.err).toMatch(err);
    expect(result.code).toBe(code);
  });
});

describe('with a cluster', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await startScene({ issuer: 'https://kubernetes.default.svc.cluster.local' });
    for (let index = 0; index < 500; index++) scene.kube.state.create(workload({ name: `w${index}`, label: 'demo' }));
  });
  afterAll(() => scene.close());

  it('all of a long plan is printed into a pipe', async () => {
    const { out, err, code } = await run([], { KUBECONFIG: scene.kubeconfig });
    expect([err, code]).toEqual(['', 0]);
    expect(out.length).toBeGreaterThan(64 * 1024);
    expect(out.split('\n').slice(-4)).toEqual([
      '',
      'Workloads: 500 to be migrated, 0 in transition (0 pods with the old label), 0 migrated.',
      expect.stringMatching(/^Federated credentials: 0 on 0 identities\. Points that need attention: \d+\.$/) as string,
      '',
    ]);
  });

  it('what cannot be done is one line, and nothing is printed', async () => {
    const { out, err, code } = await run(['--output=commands'], { KUBECONFIG: scene.kubeconfig });
    expect([out, code]).toEqual(['', 2]);
    expect(err).toMatch(
      /^aad-pod-identity-migrate: the cluster's issuer [^\n]* is out of reach for Entra ID: [^\n]*\n$/,
    );
  });
});
