import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { azureIdentity, azureIdentityBinding, identityResourceId, SUBSCRIPTION } from '@aad-pod-identity/testing';
import { commandsOf } from '../../src/output/commands.ts';
import { planMigration } from '../../src/plan/plan.ts';
import { workload } from '../objects.ts';
import { CLIENT, OTHER_CLIENT, type Raw, worldOf } from '../world.ts';

const ISSUER = 'https://oidc.example.com/tenant/';

const scriptOf = (objects: readonly Raw[], remark?: string): string =>
  commandsOf(planMigration(worldOf(...objects), { forceNamespaced: false, namespace: '' }), { url: ISSUER, remark });

/** Stands for the Azure CLI: writes down each call, and remembers which credentials were made on what. */
const AZ = `#!/bin/sh
printf '%s\\n' "$@" > "$FOLDER/call-$$"
while [ $# -gt 0 ]; do
  case "$1" in
    list | create) what=$1 ;;
    --identity-name | --id) on=$2 ;;
  esac
  shift
done
[ "$what" = create ] && [ -n "\${REFUSE:-}" ] && { echo 'az: not permitted' >&2; exit 1; }
[ "$what" = list ] && [ -n "\${LOGGED_OUT:-}" ] && { echo 'az: log in first' >&2; exit 1; }
[ "$what" = list ] && [ -e "$FOLDER/made-$on" ] && echo name
[ "$what" = create ] && : > "$FOLDER/made-$on"
exit 0
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'az-'));
  writeFileSync(join(folder, 'az'), AZ, { mode: 0o755 });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the script in an empty folder of its own; gives its end, and what the CLI was asked, by verb. */
function run(script: string, env: Record<string, string> = {}) {
  for (const call of readdirSync(folder).filter((name) => name.startsWith('call-'))) rmSync(join(folder, call));
  const { status, stderr } = spawnSync('sh', ['-s'], {
    input: script,
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: folder + delimiter + (process.env.PATH ?? ''), FOLDER: folder, ...env },
  });
  const calls = readdirSync(folder)
    .filter((name) => name.startsWith('call-'))
    .map((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'));
  const of = (verb: string): string[][] => calls.filter((call) => call.includes(verb));
  return { status, stderr, lists: of('list'), creates: of('create') };
}

const managed = [azureIdentity({ spec: { clientID: CLIENT } }), azureIdentityBinding()];
const principal = [
  azureIdentity({ name: 'sp', spec: { type: 1, clientID: OTHER_CLIENT, tenantID: 'tenant' } }),
  azureIdentityBinding({ name: 'sp' }),
];
const web = workload({ label: 'demo', serviceAccount: 'runner' });
const job = workload({ kind: 'CronJob', name: 'nightly', label: 'sp', serviceAccount: 'night' });

it('a managed identity gets its credential by the words that the CLI knows', () => {
  const { creates, status } = run(scriptOf([...managed, web]));
  expect([status, creates]).toEqual([
    0,
    [
      [
        ...['identity', 'federated-credential', 'create'],
        ...['--identity-name', 'demo', '--resource-group', 'nodes', '--subscription', SUBSCRIPTION],
        ...['--name', expect.stringMatching(/^default-runner-[0-9a-f]{16}$/) as string, '--issuer', ISSUER],
        ...['--subject', 'system:serviceaccount:default:runner', '--audiences', 'api://AzureADTokenExchange'],
        ...['--output', 'none'],
      ],
    ],
  ]);
});

it('an application gets its credential as JSON, and its tenant is told', () => {
  const script = scriptOf([...principal, job]);
  const [create = []] = run(script).creates;
  expect(create.slice(0, 7)).toEqual([
    'ad',
    'app',
    'federated-credential',
    'create',
    '--id',
    OTHER_CLIENT,
    '--parameters',
  ]);
  expect(JSON.parse(create[7] ?? '')).toEqual({
    name: expect.stringMatching(/^default-night-[0-9a-f]{16}$/) as string,
    issuer: ISSUER,
    subject: 'system:serviceaccount:default:night',
    audiences: ['api://AzureADTokenExchange'],
  });
  expect(script).toContain('# default/night as default/sp, in tenant tenant\n');
});

it('a second run asks what is there, and makes nothing', () => {
  const script = scriptOf([...managed, ...principal, web, job]);
  const [first, second] = [run(script), run(script)];
  expect([first.lists.length, first.creates.length]).toEqual([2, 2]);
  expect([second.status, second.lists.length, second.creates.length]).toEqual([0, 2, 0]);
});

it('what is there already is found by issuer and subject, whatever its name', () => {
  const [list = []] = run(scriptOf([...managed, web])).lists;
  expect(list[list.indexOf('--query') + 1]).toBe(
    `[?issuer=='${ISSUER}' && subject=='system:serviceaccount:default:runner'].name`,
  );
});

it.each<[string, Record<string, string>]>([
  ['that may not write', { REFUSE: 'yes' }],
  ['that is not logged in', { LOGGED_OUT: 'yes' }],
])('a CLI %s ends the script at its first failure', (_what, env) => {
  const { status, stderr, lists, creates } = run(scriptOf([...managed, ...principal, web, job]), env);
  expect([status, stderr.split('\n').length, lists.length]).toEqual([1, 2, 1]);
  expect(creates.length).toBeLessThan(2);
});

const CODE = "x'; touch pwned; echo '$(touch pwned)`touch pwned`\ntouch pwned\n# ";

/** Each puts code into one text of one object that somebody of a namespace may write. */
const attacks: Readonly<Record<string, readonly Raw[]>> = {
  'the service account': [...managed, workload({ label: 'demo', serviceAccount: CODE })],
  'the name of the workload': [...managed, workload({ name: CODE, label: 'demo' })],
  'the namespace': [...managed, workload({ namespace: CODE, label: 'demo' })],
  'the resource id': [
    azureIdentity({ spec: { clientID: CLIENT, resourceID: identityResourceId(CODE) } }),
    ...managed.slice(1),
    web,
  ],
  'the resource group': [
    azureIdentity({ spec: { clientID: CLIENT, resourceID: identityResourceId('x', CODE) } }),
    ...managed.slice(1),
    web,
  ],
  'the client id of a managed identity': [azureIdentity({ spec: { clientID: CODE } }), ...managed.slice(1), web],
  'the client id of an application': [
    azureIdentity({ name: 'sp', spec: { type: 1, clientID: CODE, tenantID: 't' } }),
    ...principal.slice(1),
    job,
  ],
  'the tenant': [
    azureIdentity({ name: 'sp', spec: { type: 1, clientID: CLIENT, tenantID: CODE } }),
    ...principal.slice(1),
    job,
  ],
  'the name of the identity': [
    azureIdentity({ name: CODE, spec: { clientID: CLIENT, resourceID: identityResourceId('x') } }),
    azureIdentityBinding({ name: 'demo', identity: CODE }),
    web,
  ],
  'an identity that cannot be read': [azureIdentity({ name: CODE, spec: { type: CODE } }), web],
};

it.each(Object.entries(attacks))('code in %s is run by no shell', (_where, objects) => {
  const script = scriptOf(objects, CODE);
  run(script);
  expect(existsSync(join(folder, 'pwned'))).toBe(false);
  expect(() => execFileSync('sh', ['-n'], { input: script, stdio: ['pipe', 'pipe', 'pipe'] })).not.toThrow();
});

it('what is left out is told, and why', () => {
  const undecided = workload({ name: 'a', label: 'demo', serviceAccount: CODE });
  const script = scriptOf([...managed, undecided, workload({ name: 'b', label: 'none' })]);
  expect(script).toMatch(
    /^# Left out: service account default\/x'.*: there is no name for it that Kubernetes allows$/m,
  );
  expect(script).toContain('# Left out: Deployment default/b: no binding gives it an identity\n');
  expect(script).toContain('# There is nothing to create.\n');
});
