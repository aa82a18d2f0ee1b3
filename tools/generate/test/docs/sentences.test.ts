/** What the sentences of the pages name: links, anchors, commands, flags, values. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { azureProblems } from '../../src/docs/azure-cli.ts';
import { blocksOf, inlineCode } from '../../src/docs/blocks.ts';
import { commandsOf, isCommand, wordsOf } from '../../src/docs/commands.ts';
import { IN_SENTENCES, looksAtNode, looksOnly } from '../../src/docs/elsewhere.ts';
import { anchorsOf, linksOf } from '../../src/docs/links.ts';
import { flagIn, knownFlags, knownValues, setIn, valueIn } from '../../src/docs/names.ts';
import { unknownPlaceholders } from '../../src/docs/placeholders.ts';
import { workspaceProblem } from '../../src/docs/workspace-commands.ts';
import { shellSays } from './shell.ts';
import { PAGES, ROOT } from './pages.ts';

const anchors = new Map(PAGES.map((page) => [page.path, anchorsOf(page)]));
const flags = knownFlags(ROOT);
const values = knownValues(ROOT);

describe.each(PAGES.map((page) => [page.path, page] as const))('%s', (_, page) => {
  const codes = inlineCode(page);
  const commands = codes.filter(({ code }) => isCommand(code));

  it('links to what is there', () => {
    const broken = linksOf(page).filter(({ path, anchor }) => {
      if (!existsSync(join(ROOT, path))) return true;
      return anchor !== '' && anchors.get(path)?.has(anchor) !== true;
    });
    expect(broken).toEqual([]);
  });

  it('names flags that there are', () => {
    const unknown = codes.filter(({ code }) => !flags.has(flagIn(code) ?? 'help'));
    expect(unknown).toEqual([]);
  });

  it('names values that the chart has', () => {
    const inBlocks = blocksOf(page).flatMap(({ line, text }) => setIn(text).map((path) => ({ line, code: path })));
    const named = codes.flatMap(({ line, code }) =>
      [valueIn(code, values) ?? [], setIn(code)].flat().map((path) => ({ line, code: path })),
    );
    expect([...named, ...inBlocks].filter(({ code }) => !values.has(code))).toEqual([]);
  });

  it('has commands in its sentences that are well-formed', () => {
    expect(commands.flatMap(({ code }) => unknownPlaceholders(code))).toEqual([]);
    expect(
      commands.map(({ line, code }) => ({ line, said: shellSays(code) })).filter(({ said }) => said !== ''),
    ).toEqual([]);
  });

  it('has commands of clusters that are run by a test', () => {
    const names = /^(kubectl|helm)( [a-z]+){1,2}$/;
    const ofClusters = commands.filter(({ code }) => /^(kubectl|helm) /.test(code) && !names.test(code));
    const unknown = ofClusters.filter(({ code }) => !looksOnly(code) && !looksAtNode(code) && !(code in IN_SENTENCES));
    expect(unknown).toEqual([]);
  });

  it('has commands of the workspace that there are', () => {
    const inBlocks = blocksOf(page)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ line, text }) => commandsOf(text).map((code) => ({ line, code })));
    const problems = [...commands, ...inBlocks].map(({ line, code }) => ({
      line,
      problem: workspaceProblem(ROOT, wordsOf(code)),
    }));
    expect(problems.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  it('calls Azure as the Azure CLI is called', () => {
    expect(commands.flatMap(({ code }) => azureProblems(code))).toEqual([]);
  });
});

describe('a command of a sentence that does more than look', () => {
  const codes = PAGES.flatMap((page) => inlineCode(page).map(({ code }) => code));

  it.each(Object.entries(IN_SENTENCES))('`%s` is in a page, and its test is there', (command, { file, has }) => {
    expect(codes).toContain(command);
    expect(readFileSync(join(ROOT, file), 'utf8')).toContain(has);
  });
});

it('docs/README.md leads to every page', () => {
  const index = PAGES.find(({ path }) => path === 'docs/README.md');
  const reached = new Set(index === undefined ? [] : linksOf(index).map(({ path }) => path));
  const isListed = (path: string): boolean =>
    reached.has(path) || [...reached].some((folder) => path.startsWith(`${folder}/`));
  expect(PAGES.map(({ path }) => path).filter((path) => path !== 'README.md' && !isListed(path))).toEqual([]);
});
