import { demo } from '../demo.ts';
import { files, type ExampleName } from '../examples.ts';
import type { Sandbox } from '../sandbox.ts';
import { isKubeError, pods } from '@aad-pod-identity/kube';

/** What a button does; the sentence it gives is shown below the buttons. */
export type Action = (sandbox: Sandbox) => Promise<string>;

const apply =
  (name: ExampleName): Action =>
  async (sandbox) => {
    await sandbox.apply(name);
    return `examples/${files[name]} was applied`;
  };

const remove =
  (name: ExampleName): Action =>
  async (sandbox) => {
    await sandbox.delete(name);
    return `what examples/${files[name]} holds was deleted`;
  };

const label =
  (value: string | null): Action =>
  async (sandbox) => {
    const body = { metadata: { labels: { aadpodidbinding: value } } };
    const ref = { namespace: 'default', name: demo.podName };
    await sandbox.client.patch(pods, ref, body, { type: 'merge' }).catch((error: unknown) => {
      throw isKubeError(error, 'notFound') ? new Error(`there is no pod ${demo.podName}; apply it first`) : error;
    });
    return value === null ? 'the label is gone' : `the pod is labelled aadpodidbinding=${value}`;
  };

const azure =
  (done: string, ...actions: Readonly<Record<string, unknown>>[]): Action =>
  async (sandbox) => {
    for (const action of actions) await sandbox.azure.control(action);
    return done;
  };

const kill =
  (name: 'mic' | 'nmi'): Action =>
  (sandbox) => {
    sandbox.programs[name].kill();
    return Promise.resolve(`${name.toUpperCase()} was killed; it is started again`);
  };

const SERVICES = ['arm', 'entra', 'imds'] as const;
const { resourceId } = demo.managedIdentity;

/** Every button of the page: its group, its text and what it does. */
export const buttons: readonly { group: string; id: string; text: string; action: Action }[] = [
  { group: 'Pod', id: 'apply-pod', text: 'apply, no label', action: apply('pod') },
  { group: 'Pod', id: 'apply-labelled-pod', text: 'apply with label', action: apply('labelledPod') },
  { group: 'Pod', id: 'label-pod', text: 'label azure-access', action: label('azure-access') },
  { group: 'Pod', id: 'label-sp', text: 'label sp-access', action: label('sp-access') },
  { group: 'Pod', id: 'unlabel-pod', text: 'remove the label', action: label(null) },
  { group: 'Pod', id: 'delete-pod', text: 'delete', action: remove('pod') },
  { group: 'Identity', id: 'apply-identity', text: 'apply identity', action: apply('identity') },
  { group: 'Identity', id: 'apply-binding', text: 'apply binding', action: apply('binding') },
  { group: 'Identity', id: 'delete-identity', text: 'delete identity', action: remove('identity') },
  { group: 'Identity', id: 'delete-binding', text: 'delete binding', action: remove('binding') },
  { group: 'Service principal', id: 'apply-secret', text: 'apply secret', action: apply('secret') },
  { group: 'Service principal', id: 'apply-sp-identity', text: 'apply identity', action: apply('spIdentity') },
  { group: 'Service principal', id: 'apply-sp-binding', text: 'apply binding', action: apply('spBinding') },
  { group: 'Service principal', id: 'delete-sp-identity', text: 'delete identity', action: remove('spIdentity') },
  { group: 'Service principal', id: 'delete-sp-binding', text: 'delete binding', action: remove('spBinding') },
  {
    group: 'Azure',
    id: 'break-identity',
    text: 'break the identity',
    action: azure('the identity no longer exists in Azure', { action: 'breakIdentity', id: resourceId }),
  },
  {
    group: 'Azure',
    id: 'mend-identity',
    text: 'mend it',
    action: azure('the identity exists again', { action: 'mendIdentity', id: resourceId }),
  },
  {
    group: 'Azure',
    id: 'stop-azure',
    text: 'stop Azure',
    action: azure(
      'ARM, Entra ID and IMDS are away',
      ...SERVICES.map((service) => ({ action: 'stopService', service })),
    ),
  },
  {
    group: 'Azure',
    id: 'start-azure',
    text: 'start Azure',
    action: azure('Azure is back', ...SERVICES.map((service) => ({ action: 'startService', service }))),
  },
  { group: 'Programs', id: 'kill-mic', text: 'kill MIC', action: kill('mic') },
  { group: 'Programs', id: 'kill-nmi', text: 'kill NMI', action: kill('nmi') },
  {
    group: 'Programs',
    id: 'check',
    text: 'ask for a token in the pod',
    action: async (sandbox) => (await sandbox.check(demo.podName)).line,
  },
];
