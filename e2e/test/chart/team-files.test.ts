/** `onlyNamespace`: what a team's file may say, checked before it is merged. */
import { renderChart } from '@aad-pod-identity/generate/chart';
import { CHART, example, HELM, HELMS } from './chart.ts';

const args = ['--set=onlyNamespace=team-a'];
const check = (values: object, ...more: string[]): Promise<string> =>
  renderChart({ helm: HELM, chart: CHART, args: [...args, ...more], values }).then(
    (objects) => `${objects.length} objects`,
    (error: unknown) => (error as Error).message,
  );

const GROUP = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity';
const WEB = { resourceID: `${GROUP}/userAssignedIdentities/n`, binding: { selector: 's' } };

it.each(HELMS)('with helm %s the file of team A passes, and renders nothing', async (_, helm) => {
  const more = [...args, example('many-teams/team-a.yaml')];
  expect(await renderChart({ helm, chart: CHART, args: more })).toEqual([]);
});

it.each<[sentence: string, values: object, said: RegExp]>([
  [
    'another team',
    { namespaces: { 'team-b': {} } },
    /namespaces\.team-b is set by a file that may touch namespaces\.team-a only/,
  ],
  ['a setting of the cluster', { forceNamespaced: false }, /forceNamespaced is set by a file that may/],
  ['a setting of NMI', { nmi: { metadataHeaderRequired: false } }, /nmi is set by a file that may/],
  ['an exception', { exceptions: { all: { namespace: 'team-a', podLabels: { a: 'b' } } } }, /exceptions is set by/],
  ['an identity of the cluster', { azureIdentities: { web: WEB } }, /azureIdentities is set by/],
  ['a field that does not exist', { namespaces: { 'team-a': { colour: 'red' } } }, /namespaces.*team-a.*colour/s],
])('a file that touches %s is refused', async (_, values, said) => {
  expect(await check(values)).toMatch(said);
});

it('a file of two teams is refused for the one', async () => {
  const both = await check({}, example('many-teams/team-a.yaml'), example('many-teams/team-b.yaml'));
  expect(both).toMatch(/namespaces\.team-b is set by/);
});

it('what a team gets wrong in its own namespace is told as well', async () => {
  const said = await check({ namespaces: { 'team-a': { azureIdentities: { web: { binding: { selector: 's' } } } } } });
  expect(said).toMatch(/namespaces\.team-a\.azureIdentities\.web\.resourceID is missing/);
});
