import { parseFlags } from '@aad-pod-identity/runtime';
import { FLAGS } from '../src/flags.ts';

const defaults = parseFlags(FLAGS, [], {});

it.each([
  ['kubeconfig', ''],
  ['cloudconfig', ''],
  ['forceNamespaced', false],
  ['syncRetryDuration', 3_600_000],
  ['leader-election-namespace', 'default'],
  ['leader-election-name', 'aad-pod-identity-mic'],
  ['leader-election-duration', 15_000],
  ['http-probe-port', 8080],
  ['prometheus-port', 8888],
  ['enableProfile', false],
  ['enableScaleFeatures', false],
  ['createDeleteBatch', 20],
  ['immutable-user-msis', []],
  ['config-map-name', 'aad-pod-identity-config'],
  ['type-upgrade-status-key', 'type-upgrade-status'],
  ['enable-type-upgrade', true],
  ['identity-assignment-reconcile-interval', 180_000],
  ['update-user-msi-max-retry', 2],
  ['update-user-msi-retry-interval', 1000],
  ['log-format', 'text'],
  ['custom-user-agent', ''],
] as const)('%s has the default of 1.8.17: %j', (name, value) => {
  expect(defaults[name]).toEqual(value);
});

it('takes the arguments that the chart of 1.8.17 gives', () => {
  const argv = [
    ...['--cloudconfig=/etc/kubernetes/azure.json', '--logtostderr', '-v=0', '--log-format=json'],
    ...['--leader-election-namespace=kube-system', '--syncRetryDuration=3600s', '--immutable-user-msis=a,b'],
    ...[
      '--createDeleteBatch=20',
      '--clientQps=5',
      '--enableProfile=false',
      '--identity-assignment-reconcile-interval=3m',
    ],
  ];
  expect(parseFlags(FLAGS, argv, {})).toMatchObject({
    ...{ cloudconfig: '/etc/kubernetes/azure.json', v: 0, 'log-format': 'json', syncRetryDuration: 3_600_000 },
    ...{ 'immutable-user-msis': ['a', 'b'], clientQps: 5 },
  });
});

it('FORCENAMESPACED in the environment counts', () => {
  expect(parseFlags(FLAGS, [], { FORCENAMESPACED: 'true' }).forceNamespaced).toBe(true);
});
