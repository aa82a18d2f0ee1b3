import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '@aad-pod-identity/cluster';

const CLIENTS = join(import.meta.dirname, '../clients');

/** An official client library, as the command of a small program that asks it for a token. */
export interface Client {
  readonly name: string;
  readonly command: readonly string[];
}

interface ClientSource {
  readonly name: string;
  /** Files below `clients/` that decide what is built. */
  readonly files: readonly string[];
  /** Calls that fill `folder`. */
  readonly build: (folder: string) => readonly (readonly string[])[];
  readonly command: (folder: string) => readonly string[];
}

const source = (...path: string[]): string => join(CLIENTS, ...path);

function javaBuild(folder: string): readonly (readonly string[])[] {
  const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${folder}/lib`, '-Dmdep.overWriteReleases=false'];
  const main = source('java/src/main/java/client/Main.java');
  return [
    ['mvn', '-q', '-B', '-f', source('java/pom.xml'), ...copy],
    ['javac', '-d', `${folder}/classes`, '-cp', `${folder}/lib/*`, main],
  ];
}

const SOURCES: readonly ClientSource[] = [
  {
    ...{ name: '@azure/identity (JavaScript)', files: [], build: () => [] },
    command: () => [process.execPath, source('javascript/main.mjs')],
  },
  {
    ...{ name: 'azure-identity (Python)', files: ['python/requirements.txt'] },
    build: (folder) => [
      ['python3', '-m', 'pip', 'install', '-q', '--target', `${folder}/lib`, '-r', source('python/requirements.txt')],
    ],
    command: (folder) => ['env', `PYTHONPATH=${folder}/lib`, 'python3', '-B', source('python/main.py')],
  },
  {
    ...{ name: 'azidentity (Go)', files: ['go/go.mod', 'go/go.sum', 'go/main.go'] },
    build: (folder) => [
      ['go', 'build', '-C', source('go'), '-mod=readonly', '-trimpath', '-o', `${folder}/client`, '.'],
    ],
    command: (folder) => [`${folder}/client`],
  },
  {
    ...{ name: 'azure-identity (Java)', files: ['java/pom.xml', 'java/src/main/java/client/Main.java'] },
    build: javaBuild,
    command: (folder) => ['java', '-cp', `${folder}/classes:${folder}/lib/*`, 'client.Main'],
  },
];

function folderOf({ name, files }: ClientSource, cache: string): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(source(file)));
  const plain = name.toLowerCase().replace(/[^a-z]+/g, '-');
  return join(cache, 'clients', `${plain}-${hash.digest('hex').slice(0, 10)}`);
}

/** Built beside its place and moved into it: a build that fails leaves nothing half done. */
async function bringClient(client: ClientSource, cache: string): Promise<Client> {
  const folder = folderOf(client, cache);
  const partial = `${folder}.partial`;
  const calls = client.build(partial);
  if (calls.length > 0 && !existsSync(folder)) {
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    mkdirSync(dirname(folder), { recursive: true });
    for (const [program = '', ...args] of calls) await promisify(execFile)(program, args);
    renameSync(partial, folder);
  }
  return { name: client.name, command: client.command(folder) };
}

/** Builds, or finds in the cache, every client. @throws an Error with what the build said */
export async function bringClients(env: NodeJS.ProcessEnv, print: (line: string) => void): Promise<Client[]> {
  const clients: Client[] = [];
  for (const each of SOURCES) {
    print(`${each.name}: building, or finding in the cache`);
    clients.push(await bringClient(each, cacheFolder(env)));
  }
  return clients;
}
