import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTool } from '../src/bring/build-go.ts';
import { cacheFolder } from '../src/bring/cache-folder.ts';
import { buildArguments, buildEnvironment, cacheKey, goSource, isGoEnough } from '../src/bring/go-source.ts';
import { GO_TOOLS, kubernetesTool, KUBERNETES_VERSIONS } from '../src/bring/go-tools.ts';
import { spokenSeconds } from '../src/bring/progress.ts';
import { withWorkFolder, workFolderName } from '../src/bring/work-folder.ts';
import { readStat } from '../src/run/process-identity.ts';

const MOD = 'module m\n\ngo 1.25.0\n\nrequire (\n\tk8s.io/kubernetes v1.35.4\n)\n';

describe('the cache folder is', () => {
  const cases: Record<string, [env: NodeJS.ProcessEnv, expected: string]> = {
    'the one that is named': [{ AAD_POD_IDENTITY_CACHE: '/a', XDG_CACHE_HOME: '/x' }, '/a'],
    "one in the user's cache": [{ XDG_CACHE_HOME: '/x' }, '/x/aad-pod-identity'],
  };
  it.each(Object.entries(cases))('%s', (_name, [env, expected]) => {
    expect(cacheFolder(env)).toBe(expected);
  });
});

describe('the cached name of a tool changes with', () => {
  const tool = kubernetesTool('1.35');
  const before = cacheKey(tool, goSource(tool, [MOD, 'sums', 'program']));
  const cases: Record<string, string[]> = {
    'its version': [MOD.replace('1.35.4', '1.35.5'), 'sums', 'program'],
    'its checksums': [MOD, 'other sums', 'program'],
    'its program': [MOD, 'sums', 'other program'],
  };
  it.each(Object.entries(cases))('%s', (_name, files) => {
    expect(cacheKey(tool, goSource(tool, files))).not.toBe(before);
  });
  it('nothing else', () => {
    expect(before).toMatch(/^kubernetes-v1\.35\.4-[0-9a-f]{10}$/);
    expect(cacheKey(tool, goSource(tool, [MOD, 'sums', 'program']))).toBe(before);
  });
});

it('a module file that does not require the tool is an error that names both', () => {
  expect(() => goSource(kubernetesTool('1.33'), ['module m\n'])).toThrow(
    'kubernetes/1.33.mod does not require k8s.io/kubernetes',
  );
});

it('every version of Kubernetes and every tool has a committed module that states its version', () => {
  const tools = [...KUBERNETES_VERSIONS.map(kubernetesTool), ...Object.values(GO_TOOLS)];
  const found = tools.map((tool) => readTool(tool, '/c').source.version);
  for (const [index, version] of KUBERNETES_VERSIONS.entries()) expect(found[index]).toContain(`v${version}.`);
  expect(found.filter((version) => !/^v\d/.test(version))).toEqual([]);
});

it('Kubernetes is built from its committed module alone, and told its version', () => {
  const tool = kubernetesTool('1.33');
  const args = buildArguments(tool, { version: 'v1.33.13', go: '1.24', digest: 'd' }, '/go/kubernetes', '/out');
  expect(args).toEqual(expect.arrayContaining(['-modfile=1.33.mod', '-mod=readonly', '-trimpath']));
  expect(args.join(' ')).toContain('-X k8s.io/component-base/version.gitVersion=v1.33.13');
  expect(args.join(' ')).toContain('-X k8s.io/client-go/pkg/version.gitMinor=33');
});

it("the caller's Go settings do not change what is built", () => {
  const env = buildEnvironment({ GOFLAGS: '-mod=mod', GOWORK: '/w', HOME: '/h', GOPROXY: 'p' }, '/cache');
  expect(env).toMatchObject({ GOFLAGS: '', GOWORK: 'off', GOTOOLCHAIN: 'local', HOME: '/h', GOPROXY: 'p' });
});

describe('Go is new enough', () => {
  const cases: Record<string, [found: string, wanted: string, expected: boolean]> = {
    'when it is the one that is asked for': ['go1.26.0', '1.26.0', true],
    'when it is later': ['go1.26.8', '1.26.0', true],
    'when its minor version is later, though its patch is not': ['go1.27.0', '1.26.8', true],
    'with numbers compared as numbers': ['go1.9', '1.24', false],
    'not when its patch is earlier': ['go1.26.1', '1.26.8', false],
    'with or without a patch': ['go1.26.8', '1.26', true],
    'when it is a candidate of that version': ['go1.26rc1', '1.26', true],
  };
  it.each(Object.entries(cases))('%s', (_name, [found, wanted, expected]) => {
    expect(isGoEnough(found, wanted)).toBe(expected);
  });
});

describe('the folder of what is half done', () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'cluster-cache-'));
  });
  afterEach(() => {
    rmSync(cache, { recursive: true });
  });

  it('is gone after the work, although that failed', async () => {
    await expect(withWorkFolder(cache, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(readdirSync(cache)).toEqual([]);
  });

  it('of a build that was killed goes with the next; that of one that runs, and all else, stays', async () => {
    const [dead, other] = [join(cache, 'work-1-99999999999'), join(cache, 'work-shop')];
    const running = join(cache, workFolderName(readStat(process.ppid)!));
    for (const path of [dead, other, running]) mkdirSync(path);
    await withWorkFolder(cache, () => Promise.resolve());
    expect([dead, other, running].map(existsSync)).toEqual([false, true, true]);
  });
});

it('estimates are told in minutes and seconds', () => {
  expect([0.2, 40.2, 89, 390, 360].map(spokenSeconds)).toEqual(['0 s', '40 s', '1 min 29 s', '6 min 30 s', '6 min']);
});
