import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCommand } from '../src/image-engines.ts';

const root = join(import.meta.dirname, '../../..');

it('an image is built with the arguments that are given, by any of the three', () => {
  const build = { dockerfile: 'apps/x/Dockerfile', context: 'dist/apps/x', tag: 'x:1', args: { A: 'b', EMPTY: '' } };
  const rest = ['--file', 'apps/x/Dockerfile', '--tag', 'x:1', '--build-arg=A=b', 'dist/apps/x'];
  expect(buildCommand({ engine: 'docker', ...build })).toEqual(['docker', 'build', ...rest]);
  expect(buildCommand({ engine: 'podman', ...build })).toEqual(['podman', 'build', ...rest]);
  expect(buildCommand({ engine: 'buildah', ...build })).toEqual(['buildah', 'build', '--layers=false', ...rest]);
});

describe.each(['mic', 'nmi', 'identity-validator'])('the image of %s', (app) => {
  const dockerfile = readFileSync(join(root, 'apps', app, 'Dockerfile'), 'utf8');

  it('takes its bases from build arguments, and starts the program without a shell', () => {
    expect(dockerfile.match(/^FROM .*/gm)).toEqual(['FROM ${NODE_IMAGE} AS program', 'FROM ${BASE_IMAGE}']);
    expect(dockerfile).toMatch(/^ENTRYPOINT \["\/usr\/local\/bin\/node", (?:"--[a-z=0-9-]+", )*"\/app\/main\.js"\]$/m);
  });

  it('runs as root only where iptables needs it', () => {
    const users = [...dockerfile.matchAll(/^USER (.*)$/gm)].map(([, user]) => user);
    expect(users.at(-1)).toBe(app === 'nmi' ? '0:0' : '65532:65532');
  });
});
