/** What makes the render fail: one sentence that names the path and says what to do. */
import { refusal, render } from './chart.ts';

const RESOURCE_ID = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n';
const identity = (change: object = {}) => ({
  ...{ type: 0, resourceID: RESOURCE_ID, clientID: 'c', binding: { name: 'b', selector: 's' } },
  ...change,
});
const principal = (change: object = {}) => ({
  ...{ type: 1, clientID: 'c', tenantID: 't', clientPassword: { name: 'secret', namespace: 'team' } },
  ...{ binding: { name: 'b', selector: 's' }, ...change },
});
const one = (value: unknown) => ({ azureIdentities: { web: value } });
const team = (settings: object, rest: object = {}) => ({ namespaces: { team: settings }, ...rest });

it.each<[sentence: string, values: Record<string, unknown>, said: RegExp]>([
  ['no repository', { image: {} }, /image\.repository is missing: set it to/],
  [
    'the repository of the original',
    { image: { repository: 'mcr.microsoft.com/oss/azure/aad-pod-identity' } },
    /image\.repository is the one of the archived original.*: set it to/,
  ],
  ['a tag of the original for MIC', { mic: { tag: 'v1.8.17' } }, /mic\.tag is v1\.8\.17, .*: leave it out/],
  ['a tag of the original for NMI', { nmi: { tag: '1.8.17' } }, /nmi\.tag is 1\.8\.17, .*: leave it out/],
  ['an unknown value', { mic: { colour: 'red' } }, /mic.*colour/s],
  ['an unknown value at the top', { colour: 'red' }, /colour/],
  ['a mode that does not exist', { operationMode: 'both' }, /operationMode/],
  ['a port that is none', { nmi: { port: 'http' } }, /nmi.*port/s],
  ['a duration that is none', { mic: { syncRetryDuration: 'soon' } }, /mic.*syncRetryDuration/s],
  [
    'surge together with unavailable pods',
    { nmi: { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } } },
    /nmi\.updateStrategy\.rollingUpdate.*set maxUnavailable to 0/,
  ],
  [
    'an administrator’s secret that is not complete',
    { adminsecret: { cloud: 'AzurePublicCloud' } },
    /adminsecret\.\w+ is missing: set it, or/,
  ],
  [
    'identities as a list',
    { azureIdentities: [{ name: 'web' }] },
    /azureIdentities is a list, .*before 3\.0: make it a map/,
  ],
  ['a wrong field of an identity', one(identity({ colour: 'red' })), /azureIdentities.*web.*colour/s],
  [
    'a wrong field of a binding',
    one(identity({ binding: { selector: 's', label: 'x' } })),
    /azureIdentities.*web.*binding.*label/s,
  ],
  ['a type that does not exist', one(identity({ type: 7 })), /azureIdentities.*web.*type/s],
  ['no resource id', one(identity({ resourceID: null })), /azureIdentities\.web\.resourceID is missing/],
  ['a malformed resource id', one(identity({ resourceID: '/x' })), /azureIdentities\.web\.resourceID is no id/],
  [
    'no client id in managed mode',
    { operationMode: 'managed', ...one(identity({ clientID: '' })) },
    /azureIdentities\.web\.clientID is missing/,
  ],
  ['no selector', one(identity({ binding: { name: 'b' } })), /azureIdentities\.web\.binding\.selector is missing/],
  ['no binding', one(identity({ binding: null })), /azureIdentities\.web\.binding\.selector is missing/],
  [
    'a service principal without its tenant',
    one(principal({ tenantID: '' })),
    /azureIdentities\.web\.tenantID is missing/,
  ],
  [
    'a service principal without its secret',
    one(principal({ clientPassword: null })),
    /azureIdentities\.web\.clientPassword is missing/,
  ],
  [
    'two identities of one name',
    {
      ...one(identity()),
      ...team({ azureIdentities: { web: identity() } }),
      azureIdentities: { web: identity({ namespace: 'team' }) },
    },
    /azureIdentities\.web and namespaces\.team\.azureIdentities\.web are both/,
  ],
  ['a team’s list', team({ azureIdentities: [{}] }), /namespaces\.team\.azureIdentities is a list/],
  ['a team’s wrong field', team({ colour: 'red' }), /namespaces.*team.*colour/s],
  [
    'a team’s namespace for an identity',
    team({ azureIdentities: { web: identity({ namespace: 'other' }) } }),
    /namespaces.*team.*azureIdentities.*web.*namespace/s,
  ],
  [
    'a team that takes a Secret of another',
    team({ azureIdentities: { web: principal({ clientPassword: { name: 's', namespace: 'other' } }) } }),
    /namespaces\.team\.azureIdentities\.web\.clientPassword\.namespace is other/,
  ],
  [
    'a team that loosens what holds for all',
    team({ namespaced: false }, { forceNamespaced: true }),
    /namespaces\.team\.namespaced is false/,
  ],
  [
    'an identity that loosens what holds for its team',
    team({ namespaced: true, azureIdentities: { web: identity({ namespaced: false }) } }),
    /namespaces\.team\.azureIdentities\.web\.namespaced is false/,
  ],
  [
    'a team that lets instance metadata in where nobody gets it',
    team({ blockInstanceMetadata: false }, { nmi: { blockInstanceMetadata: true } }),
    /namespaces\.team\.blockInstanceMetadata is false/,
  ],
  ['exceptions of a team', team({ exceptions: {} }), /namespaces.*team.*exceptions/s],
  [
    'an exception without labels',
    { exceptions: { addon: { namespace: 'x' } } },
    /exceptions\.addon\.podLabels is missing/,
  ],
  [
    'a startup taint that nobody would take off',
    { operationMode: 'managed', startupTaint: { key: 'a/b' } },
    /startupTaint\.key is set while operationMode is managed/,
  ],
  ['a namespace that is removed and there', team({}, { removedNamespaces: ['team'] }), /removedNamespaces has team/],
  [
    'an identity elsewhere, of a team’s own release',
    { identitiesOnly: true, ...one(identity({ namespace: 'other' })) },
    /azureIdentities\.web is in namespace other/,
  ],
])('%s is refused', async (_, values, said) => {
  expect(await refusal(values)).toMatch(said);
});

it('never shows a password that was given in place of a Secret', async () => {
  const said = await refusal(one(principal({ clientPassword: 'hunter2-hunter2' })));
  expect(said).toMatch(/azureIdentities\.web\.clientPassword must name a Secret/);
  expect(said).not.toContain('hunter2');
});

it.each<[sentence: string, values: Record<string, unknown>]>([
  ['no identities at all', { azureIdentities: null }],
  ['the key global', { global: { anything: 1 }, azureIdentities: { global: {} } }],
  ['an identity that was taken out', one(null)],
  [
    'booleans as texts',
    { forceNamespaced: 'true', nmi: { metadataHeaderRequired: 'false', blockInstanceMetadata: 'true' } },
  ],
  ['booleans', { forceNamespaced: true, installMICException: false, nmi: { blockInstanceMetadata: true } }],
  ['ports as texts and as numbers', { nmi: { probePort: 8085, prometheusPort: '9090' }, mic: { probePort: '8081' } }],
  ['no client id in standard mode', one(identity({ clientID: null }))],
  ['the Secret of a service principal as JSON', one(principal({ clientPassword: '{"name":"s","namespace":"team"}' }))],
])('%s is accepted', async (_, values) => {
  expect((await render(values)).length).toBeGreaterThan(5);
});
