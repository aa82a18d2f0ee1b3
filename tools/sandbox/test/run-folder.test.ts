import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRunFolder, type RunFolder } from '../src/run-folder.ts';

const base = mkdtempSync(join(tmpdir(), 'run-folder-'));
const open: RunFolder[] = [];

const create = (folder: string) => {
  const created = createRunFolder(folder);
  open.push(created);
  return created;
};

afterEach(() => {
  for (const folder of open.splice(0)) folder.end({ keepLogs: false });
});

afterAll(() => {
  rmSync(base, { recursive: true });
});

const file = join(base, 'a-file');
writeFileSync(file, '');

const unusable: Record<string, [folder: string, found: RegExp]> = {
  'a file': [file, /^--folder: "\S+a-file" is a file; it must be a folder that you may make or write in$/],
  'a name below a file': [join(file, 'x/y'), /^--folder: "\S+a-file\/x\/y" lies below a file; it must be a folder/],
  'where the kernel lets nobody make folders': [
    '/proc/x/y',
    /^--folder: "\/proc\/x\/y" lies where no folder can be made; it must be a folder/,
  ],
  'a name that is too long': [join(base, 'x'.repeat(300)), /^--folder: "\S+" is too long a name; it must be a folder/],
};

it.each(Object.entries(unusable))('%s is refused with one line', (_sentence, [folder, message]) => {
  expect(() => create(folder)).toThrow(message);
});

it('folders on the way to it are made', () => {
  const folder = create(join(base, 'not/there/yet'));
  expect(existsSync(folder.podLogs)).toBe(true);
});

describe('two sandboxes and one folder', () => {
  const lock = (name: string, content?: string) => {
    const folder = join(base, name);
    mkdirSync(folder);
    if (content !== undefined) writeFileSync(join(folder, 'sandbox.lock'), content);
    return folder;
  };

  it('the second is refused with one line that names the first', () => {
    const folder = lock('shared');
    create(folder);
    expect(() => create(folder)).toThrow(
      `--folder: the sandbox with process id ${process.pid} is using it (${folder}/sandbox.lock); end that one or choose another folder`,
    );
  });

  it('one after the other may use it', () => {
    const folder = lock('in-turn');
    create(folder).end({ keepLogs: false });
    expect(create(folder).root).toBe(folder);
  });

  const stale: Record<string, string> = {
    'of a process that has ended': JSON.stringify({ pid: 2 ** 22 + 1, started: '1' }),
    'of a process whose id another one has now': JSON.stringify({ pid: process.pid, started: '1' }),
    'that says nothing': '',
    'that says something else': '{"pid":"me"}',
  };

  it.each(Object.entries(stale))('a lock %s is none', (sentence, content) => {
    const folder = lock(sentence.replaceAll(' ', '-'), content);
    expect(create(folder).root).toBe(folder);
    expect(JSON.parse(readFileSync(join(folder, 'sandbox.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    expect(() => create(folder)).toThrow('is using it');
  });
});

it("an earlier run's logs are not taken for this one's, and other files stay", () => {
  const folder = join(base, 'again');
  mkdirSync(join(folder, 'pods'), { recursive: true });
  for (const name of ['nmi.log', 'pods/default_demo.log', 'pods/notes.txt']) writeFileSync(join(folder, name), 'old');
  create(folder);
  const left = ['nmi.log', 'pods/default_demo.log', 'pods/notes.txt'].filter((name) => existsSync(join(folder, name)));
  expect(left).toEqual(['pods/notes.txt']);
});

describe('what stays at the end', () => {
  const cases: Record<string, [folder: string, keepLogs: boolean, stays: boolean]> = {
    'nothing of a folder of the run itself': ['', false, false],
    'the logs of a run that failed': ['', true, true],
    'a folder that the user named': [join(base, 'named'), false, true],
    'a folder that the user named, of a run that failed': [join(base, 'named-too'), true, true],
  };

  it.each(Object.entries(cases))('%s, and never a private key', (_sentence, [name, keepLogs, stays]) => {
    const folder = createRunFolder(name);
    for (const key of [folder.caKey, folder.kubernetesKey, folder.log('mic')]) writeFileSync(key, 'x');
    expect(folder.end({ keepLogs })).toBe(stays);
    const left = [folder.caKey, folder.kubernetesKey, folder.log('mic')].map((path) => existsSync(path));
    expect(left).toEqual([false, false, stays]);
    rmSync(folder.root, { recursive: true, force: true });
  });
});
