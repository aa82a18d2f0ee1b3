import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { releasedManifest, releasedValues, REPOSITORY, VERSION } from '../src/chart/release.ts';

const file = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
const release = { repository: 'ghcr.io/example/aad-pod-identity', version: '9.8.7' };

interface Values {
  image: { repository: string };
  mic: { tag: string };
  nmi: { tag: string };
}

it('the values of a release are those of the chart, but for registry and tags', () => {
  const own = file('charts/aad-pod-identity/values.yaml');
  const expected = parse(own) as Values;
  expected.image.repository = release.repository;
  expected.mic.tag = expected.nmi.tag = release.version;
  expect(parse(releasedValues(own, release))).toEqual(expected);
});

it('their comments stay, for `helm show values`', () => {
  const own = file('charts/aad-pod-identity/values.yaml');
  const comments = (text: string): string[] => text.split('\n').flatMap((line) => /^ *(#.*)$/.exec(line)?.[1] ?? []);
  expect(comments(releasedValues(own, release))).toEqual(comments(own));
});

it.each([
  ['deploy/infra/deployment-rbac.yaml', ['mic', 'nmi']],
  ['deploy/infra/managed-mode-deployment.yaml', ['nmi']],
  ['deploy/demo/deployment.yaml', ['identity-validator']],
])('%s names the images of the release, and no placeholder', (path, programs) => {
  const text = releasedManifest(file(path), release);
  const images = [...text.matchAll(/image: "?([^"\s]+)/g)].map(([, image]) => image ?? '');
  expect(images.sort()).toEqual(programs.map((name) => `${release.repository}/${name}:${release.version}`));
  expect(text).not.toContain('IMAGE_REPOSITORY');
});

it.each(['ghcr.io/example', 'localhost:5000/a/b_c', 'registry.example.com/team/x.y'])(
  '%s may be a repository',
  (text) => {
    expect(REPOSITORY.test(text)).toBe(true);
  },
);

it.each(['', 'ghcr.io', 'ghcr.io/', 'ghcr.io/Team', 'https://ghcr.io/a', 'ghcr.io/a:1', 'ghcr.io/a b'])(
  '"%s" may not be a repository',
  (text) => {
    expect(REPOSITORY.test(text)).toBe(false);
  },
);

it.each([
  ['2.0.0', true],
  ['2.1.0-rc.1', true],
  ['v2.0.0', false],
  ['latest', false],
])('%s as a version: %s', (text, may) => {
  expect(VERSION.test(text)).toBe(may);
});
