import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationPage } from '../../src/chart/configuration.ts';
import { diagramFiles } from '../../src/diagrams/walks.ts';
import { drawSequence } from '../../src/diagrams/sequence.ts';
import { ROOT } from './pages.ts';

const template = readFileSync(join(ROOT, 'charts/aad-pod-identity/templates/_arguments.tpl'), 'utf8');
const flags = [...new Set([...template.matchAll(/--(\w[\w-]*)=/g)].map(([, name = '']) => name))];

it.each(flags)('docs/configuration.md says where --%s comes from', (flag) => {
  expect(configurationPage()).toContain(`\`--${flag}\``);
});

it('no flag is made by a rule that no template has', () => {
  const [, byRule = ''] = configurationPage().split('### By a rule');
  const named = [...byRule.matchAll(/^\| \w+ \| `--([\w-]+)`/gm)].map(([, name = '']) => name);
  expect(named.filter((name) => !flags.includes(name))).toEqual([]);
});

const variables = ['mic/_secret.tpl', 'mic/deployment.yaml', 'nmi/daemonset.yaml']
  .map((file) => readFileSync(join(ROOT, 'charts/aad-pod-identity/templates', file), 'utf8'))
  .flatMap((text) => [...text.matchAll(/name: ([A-Z][A-Z_]+)$|\[([A-Z][A-Z_]+), /gm)].map(([, a, b]) => a ?? b ?? ''));

it.each([...new Set(variables)].filter((name) => !/^(MIC_POD|NODE_|NET_)/.test(name)))(
  'docs/configuration.md says where %s comes from',
  (name) => {
    expect(configurationPage()).toContain(`\`${name}\``);
  },
);

describe('the pictures', () => {
  it.each([...diagramFiles()])('%s has a title for those who do not see it, and a ground of its own', (_, svg) => {
    expect(svg).toMatch(/<title>[^<]{80,}<\/title>/);
    expect(svg).toContain('class="ground"');
  });

  it('do not take words for markup', () => {
    const actors = [{ name: 'a<b', is: '&' }];
    expect(drawSequence({ title: 't', actors, steps: [{ from: 0, to: 0, says: '<c>' }] })).toMatch(
      /a&lt;b.*&amp;.*&lt;c&gt;/s,
    );
  });
});
