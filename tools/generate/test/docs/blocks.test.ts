/** Blocks of the pages: each has a kind that says who runs it, and a form that its program takes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  readAzureIdentity,
  readAzureIdentityBinding,
  validateBinding,
  validateIdentity,
} from '@aad-pod-identity/crd-types';
import { parseAllDocuments } from 'yaml';
import { azureProblems } from '../../src/docs/azure-cli.ts';
import { type Block, blocksOf } from '../../src/docs/blocks.ts';
import { commandsOf } from '../../src/docs/commands.ts';
import { ELSEWHERE } from '../../src/docs/elsewhere.ts';
import { kindOf, kindProblem } from '../../src/docs/kinds.ts';
import { knownValues, pathsOf } from '../../src/docs/names.ts';
import { fill, unknownPlaceholders } from '../../src/docs/placeholders.ts';
import { shellSays } from './shell.ts';
import { BLOCKS, isKind, isShell, PAGES, ROOT, rows } from './pages.ts';

it('there are blocks of every page that has commands', () => {
  expect(new Set(BLOCKS.map(({ page }) => page)).size).toBeGreaterThan(5);
});

it.each(PAGES.map((page) => [page.path, page] as const))('%s: the kind of each block is known', (_, page) => {
  const problems = blocksOf(page).map((block) => [block.line, kindProblem(block)] as const);
  expect(problems.filter(([, problem]) => problem !== undefined)).toEqual([]);
});

it('what a page shows as output stands below a block that is run', () => {
  const shown = BLOCKS.map((block, index) => ({ block, before: BLOCKS[index - 1] })).filter(({ block }) =>
    isKind('output')(block),
  );
  const isRun = (block: Block | undefined): boolean =>
    block !== undefined && ['sandbox', 'cluster', 'node'].includes(kindOf(block));
  expect(shown.length).toBeGreaterThan(3);
  expect(shown.filter(({ block, before }) => !isRun(before) || before?.page !== block.page)).toEqual([]);
});

describe.each(rows(isShell))('%s', (_, block) => {
  it('is well-formed shell, and its placeholders are in the table', () => {
    expect(unknownPlaceholders(block.text)).toEqual([]);
    expect(shellSays(block.text)).toBe('');
  });

  it('calls Azure only where it is marked so, and as the Azure CLI is called', () => {
    const calls = commandsOf(block.text).filter((command) => /(^|[\s(])az /.test(command));
    if (kindOf(block) !== 'azure') expect(calls).toEqual([]);
    expect(calls.flatMap(azureProblems)).toEqual([]);
  });
});

describe('the blocks that need nothing but a clone', () => {
  const commands = BLOCKS.filter((block) => isShell(block) && isKind('workspace')(block)).flatMap(({ text }) =>
    commandsOf(text),
  );

  it.each([...new Set(commands)])('`%s` is run by a test that the table names', (command) => {
    expect(Object.keys(ELSEWHERE)).toContain(command);
  });

  it.each(Object.entries(ELSEWHERE))('`%s` is in a page, and its test is there', (command, { file, has }) => {
    expect(commands).toContain(command);
    expect(existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : '').toContain(has);
  });
});

interface Manifest {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** What the programs themselves say of an object of ours. */
function problemsOf(object: Manifest): readonly string[] {
  if (object.kind === 'AzureIdentity') {
    const read = readAzureIdentity(object);
    return read.ok ? validateIdentity(read.value) : ['not read'];
  }
  if (object.kind !== 'AzureIdentityBinding') return [];
  const read = readAzureIdentityBinding(object);
  return read.ok ? validateBinding(read.value) : ['not read'];
}

const isYaml = ({ language }: { language: string }): boolean => language === 'yaml';

describe.each(rows(isYaml))('%s', (_, block) => {
  const documents = parseAllDocuments(fill(block.text));

  it('is YAML, and its placeholders are in the table', () => {
    expect(unknownPlaceholders(block.text)).toEqual([]);
    expect(documents.flatMap((document) => document.errors)).toEqual([]);
  });

  if (kindOf(block) === 'values') {
    it('sets values that the chart has', () => {
      const { has } = knownValues(ROOT);
      const paths = documents.flatMap((document) => pathsOf(document.toJS()));
      expect(paths.filter((path) => !has(path))).toEqual([]);
    });
  } else {
    it('holds manifests that the programs read, with nothing wrong in them', () => {
      const manifests = documents.map((document) => document.toJS() as Manifest);
      for (const { apiVersion, kind } of manifests)
        expect([typeof apiVersion, typeof kind]).toEqual(['string', 'string']);
      expect(manifests.flatMap(problemsOf)).toEqual([]);
    });
  }
});
