import { Store, namespacedName } from '@aad-pod-identity/kube';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { fakeClock } from '@aad-pod-identity/testing';
import { aGrant, aPod } from '../test/objects.ts';
import type { NmiError } from './errors.ts';
import { createHostHandler } from './host-handler.ts';
import type { Pod } from './pod.ts';

const TOKEN = { accessToken: 't', clientId: 'c', expiresOn: 1, notBefore: 0, resource: 'r', tokenType: 'Bearer' };

function ask(
  remoteAddress: string | undefined,
  headers: Record<string, string> = { podname: 'demo', podns: 'default' },
) {
  const pods = new Store<Pod>({ key: namespacedName, indexes: {} });
  pods.replaceAll([aPod()]);
  const handler = createHostHandler({
    ...{ pods, clock: fakeClock(), findIdentity: () => Promise.resolve({ assigned: [aGrant('demo')], pending: [] }) },
    tokens: { forIdentity: () => Promise.resolve([TOKEN]), forNode: () => Promise.reject(new Error('not asked')) },
  });
  const exchange = {
    ...{ headers, query: 'resource=r', remoteAddress, connection: {} },
    ...{ signal: new AbortController().signal, log: silentLogger, seen: {} },
  };
  return handler(exchange, { name: 'hostToken' }).then(
    ({ status }) => status,
    (error: unknown) => (error as NmiError).code,
  );
}

describe('who may ask for a token of a pod that it names', () => {
  it.each<[address: string | undefined, outcome: number | string]>([
    ['127.0.0.1', 200],
    ['::1', 200],
    ['::ffff:127.0.0.1', 200],
    ['127.0.0.2', 'hostCallerForbidden'],
    ['10.244.0.9', 'hostCallerForbidden'],
    ['fd00::1', 'hostCallerForbidden'],
    [undefined, 'hostCallerForbidden'],
  ])('%s: %s', async (address, outcome) => {
    expect(await ask(address)).toBe(outcome);
  });

  it.each([{}, { podname: 'demo' }, { podns: 'default' }, { podname: '', podns: 'default' }])(
    'must name it: %j does not',
    async (headers) => {
      expect(await ask('127.0.0.1', headers)).toBe('hostHeadersMissing');
    },
  );
});
