/** What the tests of the pages would find: each check, with a page that it objects to. */
import { azureProblems } from '../../src/docs/azure-cli.ts';
import { blocksOf, inlineCode } from '../../src/docs/blocks.ts';
import { commandsOf, isCommand, wordsOf } from '../../src/docs/commands.ts';
import { kindProblem, markOf } from '../../src/docs/kinds.ts';
import { anchorsOf, linksOf } from '../../src/docs/links.ts';
import { flagIn, knownFlags, knownValues, pathsOf, setIn, valueIn } from '../../src/docs/names.ts';
import { showsOutput } from '../../src/docs/output.ts';
import { fill, unknownPlaceholders } from '../../src/docs/placeholders.ts';
import { workspaceProblem } from '../../src/docs/workspace-commands.ts';
import { ROOT } from './pages.ts';
import { shellSays } from './shell.ts';

const page = (text: string) => ({ path: 'docs/page.md', text });
const fenced = (info: string, text = 'text') => page(`# Page\n\n\`\`\`${info}\n${text}\n\`\`\`\n`);

describe('blocks', () => {
  it('have a line, a language, marks and a text', () => {
    const [block] = blocksOf(fenced('yaml values file=team-a.yaml', 'a: 1'));
    expect(block).toMatchObject({ line: 3, language: 'yaml', marks: ['values', 'file=team-a.yaml'], text: 'a: 1' });
    expect(block && markOf(block, 'file')).toBe('team-a.yaml');
  });

  it('of a list lose what they are indented by', () => {
    expect(blocksOf(page('1. so:\n\n   ```sh azure\n   az login\n   ```\n'))[0]?.text).toBe('az login');
  });

  it('without an end are refused, with their place', () => {
    expect(() => blocksOf(page('\n```sh\nkubectl'))).toThrow('docs/page.md:2: a block without an end');
  });

  it.each([
    ['sh cluster', undefined],
    ['text', undefined],
    ['sh', 'mark: found none, allowed is one of workspace, sandbox, cluster, node, azure'],
    ['sh cluster node', 'mark: found cluster node, allowed is one of workspace, sandbox, cluster, node, azure'],
    ['bash cluster', 'language: found bash, allowed are sh, yaml, text'],
    ['', 'language: found none, allowed are sh, yaml, text'],
    ['yaml azure', 'mark: found azure, allowed is one of cluster, values'],
  ])('"%s": %s', (info, problem) => {
    expect(blocksOf(fenced(info)).map(kindProblem)).toEqual([problem]);
  });

  it('are no part of the sentences', () => {
    expect(inlineCode(page('`one`\n\n```sh cluster\n`two`\n```\n'))).toEqual([{ line: 1, code: 'one' }]);
  });
});

describe('commands', () => {
  it.each([
    ['two lines', 'a\nb', ['a', 'b']],
    ['a comment', 'a # why\n# whole\n', ['a']],
    ['a line that goes on', 'a \\\n  b', ['a b']],
    ['a here-document', 'kubectl apply -f - <<EOF\nkind: Pod\nEOF\nb', ['kubectl apply -f - <<EOF', 'b']],
  ])('of %s', (_, text, commands) => {
    expect(commandsOf(text)).toEqual(commands);
  });

  it('are told from names of programs', () => {
    expect(['kubectl get pods', 'kubectl', 'mic.tag'].map(isCommand)).toEqual([true, false, false]);
  });

  it('with an open quote are no shell', () => {
    expect(shellSays("echo 'one")).not.toBe('');
    expect(shellSays('helm install --set image.repository=<registry>/<folder>')).toBe('');
  });

  it('leave what no table knows', () => {
    expect(fill('<registry>/<nobody knows>')).toBe('registry.example.com/<nobody knows>');
    expect(unknownPlaceholders('<registry>/<nobody knows>')).toEqual(['nobody knows']);
  });

  it.each([
    ['npm run e2e -- test/chart', undefined],
    ['npm run e2e -- test/nowhere', 'e2e knows nothing of test/nowhere'],
    ['npm run bench -- kube', undefined],
    ['npm run bench -- nobody', 'bench knows nothing of nobody'],
    ['npm start -- --arm-delay=20s', undefined],
    ['npm start -- --colour=red', 'sandbox has no flag --colour'],
    ['npx node apps/migrate/src/main.ts --output=yaml > objects.yaml', undefined],
    ['npx node apps/migrate/src/main.ts --colour', 'aad-pod-identity-migrate has no flag --colour'],
    ['npm run nothing', 'package.json has no script nothing'],
    ['npx nx run mic:image', undefined],
    ['npx nx run mic:nothing', 'no project has a target mic:nothing'],
    ['npx node apps/nobody/src/main.ts', 'there is no apps/nobody/src/main.ts'],
  ])('`%s`: %s', (command, problem) => {
    expect(workspaceProblem(ROOT, wordsOf(command))).toBe(problem);
  });

  it.each([
    ['az identity create -g g -n n', []],
    ['ID=$(az identity show --resource-group g --name n --query id -o tsv)', []],
    ['az identity create -g g', ['az identity create: -n or --name is missing']],
    ['az identity create -g g -n n --colour red', ['az identity create: --colour is no option']],
    ['az identity make -g g', ['az identity make: not in the table of azure-cli.ts']],
  ])('`%s`: %j', (command, problems) => {
    expect(azureProblems(command)).toEqual(problems);
  });
});

describe('output', () => {
  it.each([
    ['a b\nc', 'a   b\nc\n', true],
    ['a ... c', 'a 1 c', true],
    ['...Token: ...', 'Forwarding\nToken: abc', true],
    ['b', 'of a command before\nb', true],
    ['b', 'ab', false],
    ['a.c', 'abc', false],
    ['a', 'a b', false],
  ])('%j shows %j: %s', (shown, printed, does) => {
    expect(showsOutput(shown, printed)).toBe(does);
  });
});

describe('names', () => {
  const values = knownValues(ROOT);

  it('of flags are those of the programs', () => {
    const flags = knownFlags(ROOT);
    const known = ['--nmi-port', '--redirection=none', '--no-such-flag'].map((code) => flags.has(flagIn(code) ?? ''));
    expect(known).toEqual([true, true, false]);
  });

  it('of values are those of the chart', () => {
    const paths = ['mic.tag', 'crds.upgrade: false', 'mic.colour', 'mic.json', 'a.b'].map((code) =>
      valueIn(code, values),
    );
    expect(paths).toEqual(['mic.tag', 'crds.upgrade', 'mic.colour', undefined, undefined]);
    expect(['mic.tag', 'mic', 'mic.colour', 'namespaces.team-a.namespaced'].map(values.has)).toEqual([
      ...[true, true, false, true],
    ]);
  });

  it('are found in --set and in a values file', () => {
    expect(setIn('helm install --set mic.tag=a --set=b.c=1 --set-string d=2')).toEqual(['mic.tag', 'b.c', 'd']);
    expect(pathsOf({ a: { b: 1, c: [2] } })).toEqual(['a.b', 'a.c']);
  });
});

describe('links', () => {
  it('lead to a path and an anchor; other sites are left out', () => {
    const text = '[a](other.md#some-words) [b](#here) ![c](../d.png) [e](https://example.com) `[f](g)`';
    expect(linksOf(page(text))).toEqual([
      { line: 1, path: 'docs/other.md', anchor: 'some-words' },
      { line: 1, path: 'docs/page.md', anchor: 'here' },
      { line: 1, path: 'd.png', anchor: '' },
    ]);
  });

  it('have anchors as GitHub makes them', () => {
    const text = '# One, two: `--three`\n\n## Same\n\n## Same\n';
    expect([...anchorsOf(page(text))]).toEqual(['one-two---three', 'same', 'same-1']);
  });
});
