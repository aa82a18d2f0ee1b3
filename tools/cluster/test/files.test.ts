import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageArchive } from '../src/image/image-archive.ts';
import { tar, type TarEntry } from '../src/image/tar.ts';
import { createCgroups, removeCgroups } from '../src/node/cgroups.ts';
import { kubeconfig } from '../src/plan/kubeconfig.ts';
import { layout } from '../src/plan/layout.ts';
import { createPki } from '../src/run/pki.ts';
import { claimFolder, dropEmptyFolder, makeFolders, wipe } from '../src/run/store.ts';
import { systemClock } from '@aad-pod-identity/runtime';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-files-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the certificates of a cluster', () => {
  it('name users and groups as Kubernetes reads them, and are trusted by its authority', () => {
    createPki((file) => join(folder, file), '10.200.0.2');
    const read = (name: string) => new X509Certificate(readFileSync(join(folder, `${name}.crt`)));
    const subjects = ['admin', 'kubelet', 'kube-scheduler'].map((name) => read(name).subject.replace('\n', ' '));
    expect(subjects).toEqual([
      'O=system:masters CN=admin',
      'O=system:nodes CN=system:node:node1',
      'CN=system:kube-scheduler',
    ]);
    for (const name of ['admin', 'kubelet', 'server']) {
      expect(read(name).verify(read('ca').publicKey)).toBe(true);
    }
    expect(read('front-proxy-client').verify(read('ca').publicKey)).toBe(false);
    expect(read('server').checkIP('10.200.0.2')).toBe('10.200.0.2');
  });
});

it('a kubeconfig holds all that a client needs', () => {
  const text = kubeconfig({ cluster: 'c', user: 'admin', server: 'https://s', ca: 'CA', cert: 'CERT', key: 'KEY' });
  expect(JSON.parse(text)).toMatchObject({
    'current-context': 'c',
    clusters: [{ cluster: { server: 'https://s', 'certificate-authority-data': 'Q0E=' } }],
    users: [{ user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
  });
});

describe('an archive', () => {
  const entries: TarEntry[] = [
    { kind: 'folder', path: 'bin' },
    { kind: 'file', path: 'bin/tool', content: Buffer.alloc(700, 'x'), mode: 0o755 },
    { kind: 'link', path: 'bin/other', target: 'tool' },
  ];
  it('is one that tar reads', () => {
    const listing = execFileSync('tar', ['-tvf', '-'], { input: tar(entries), encoding: 'utf8' });
    expect(listing.split('\n').map((line) => line.split(/\s+/).filter((_, index) => [0, 2].includes(index)))).toEqual([
      ['drwxr-xr-x', '0'],
      ['-rwxr-xr-x', '700'],
      ['lrwxrwxrwx', '0'],
      [''],
    ]);
    expect(listing).toContain('bin/other -> tool');
  });
  it('has no name that does not fit', () => {
    expect(() => tar([{ kind: 'folder', path: 'x'.repeat(100) }])).toThrow('too long');
  });
  it('of an image is the same for the same request, with the folders that its files need', () => {
    const request = { name: 'test/x:1', entries: entries.slice(1), entrypoint: ['/bin/tool'] };
    const archive = imageArchive(request, 'x64');
    expect(imageArchive(request, 'x64').equals(archive)).toBe(true);
    const manifest = execFileSync('tar', ['-xOf', '-', 'manifest.json'], { input: archive, encoding: 'utf8' });
    const [image] = JSON.parse(manifest) as [{ Config: string; RepoTags: string[]; Layers: string[] }];
    expect(image.RepoTags).toEqual(['test/x:1']);
    const layer = execFileSync('tar', ['-xOf', '-', image.Layers[0]!], { input: archive });
    const paths = execFileSync('tar', ['-tf', '-'], { input: layer, encoding: 'utf8' }).trim().split('\n');
    expect(paths).toEqual(['bin/', 'bin/tool', 'bin/other']);
  });
});

describe('the folder of a cluster', () => {
  it('is removed with all that the cluster has written', () => {
    const place = layout({ folder: join(folder, 'mine') });
    claimFolder(place);
    makeFolders(place);
    writeFileSync(place.state, '{}');
    writeFileSync(place.log('etcd'), 'text');
    wipe(place);
    dropEmptyFolder(place);
    expect(existsSync(place.root)).toBe(false);
  });
  it("keeps what is somebody else's", () => {
    const place = layout({ folder: join(folder, 'mine') });
    claimFolder(place);
    makeFolders(place);
    writeFileSync(join(place.root, 'notes'), 'text');
    wipe(place);
    dropEmptyFolder(place);
    expect(existsSync(join(place.root, 'notes'))).toBe(true);
  });
  it('is not one that holds other things', () => {
    writeFileSync(join(folder, 'thesis.tex'), '');
    expect(() => claimFolder(layout({ folder }))).toThrow('holds other things (thesis.tex)');
  });
  const refused: Record<string, [where: { name?: string; folder?: string }, message: string]> = {
    'one that its node would hide': [{ folder: '/var/lib/mine' }, 'its node hides that folder'],
    'outside of where its name belongs': [{ name: '../mine' }, 'is no name of a cluster'],
  };
  it.each(Object.entries(refused))('is not %s', (_name, [where, message]) => {
    expect(() => layout(where)).toThrow(message);
  });
});

describe('the control group of a node', () => {
  it('is made in every hierarchy of version 1, with the CPUs of the parent, and removed with all below it', async () => {
    for (const name of ['cpuset', 'memory']) mkdirSync(join(folder, name));
    for (const file of ['cpuset.cpus', 'cpuset.mems']) writeFileSync(join(folder, 'cpuset', file), '0-1');
    createCgroups('mine', folder);
    expect(readFileSync(join(folder, 'cpuset/mine/cpuset.cpus'), 'utf8')).toBe('0-1');
    for (const file of ['cpuset.cpus', 'cpuset.mems']) rmSync(join(folder, 'cpuset/mine', file));
    mkdirSync(join(folder, 'memory/mine/kubepods/pod1'), { recursive: true });
    await removeCgroups('mine', systemClock, folder);
    expect([existsSync(join(folder, 'cpuset/mine')), existsSync(join(folder, 'memory/mine'))]).toEqual([false, false]);
  });
  it('is one in version 2', () => {
    writeFileSync(join(folder, 'cgroup.controllers'), 'cpu memory');
    createCgroups('mine', folder);
    expect(existsSync(join(folder, 'mine'))).toBe(true);
  });
});
