import { keepFields, pod } from '@aad-pod-identity/testing';
import { normalAddress, POD_FIELDS, slimPod } from './pod.ts';

describe('normalAddress', () => {
  it.each<[address: string, normal: string | undefined]>([
    ['10.244.0.9', '10.244.0.9'],
    ['::ffff:10.244.0.9', '10.244.0.9'],
    ['::FFFF:0af4:0009', '10.244.0.9'],
    ['FD00:0:0::1', 'fd00::1'],
    ['fd00:0:0:0:0:0:0:1', 'fd00::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
    ['10.244.0.9:80', undefined],
    ['10.244.0.09', undefined],
    ['example.com', undefined],
    ['', undefined],
  ])('%s is %s', (address, normal) => {
    expect(normalAddress(address)).toBe(normal);
  });
});

describe('slimPod', () => {
  const raw = pod({ name: 'demo', label: 'azure-access', ip: '10.0.0.1' });

  it('asks for every field that it reads', () => {
    const object = pod({ label: 'demo', ip: 'fd00::1', hostNetwork: true, serviceAccount: 'app' });
    const metadata = { ...(POD_FIELDS.metadata as object), name: true, namespace: true } as const;
    expect(slimPod(keepFields(object, { ...POD_FIELDS, metadata }), 'node-0')).toEqual(slimPod(object, 'node-0'));
  });

  it('keeps what decides about a token', () => {
    expect(slimPod(raw, 'node-0')).toEqual({
      uid: 'uid-default-demo',
      namespace: 'default',
      name: 'demo',
      labels: { aadpodidbinding: 'azure-access' },
      serviceAccountName: 'default',
      hostNetwork: false,
      addresses: ['10.0.0.1'],
    });
  });

  it('keeps the addresses of both families, each once', () => {
    const status = { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'FD00::0:9' }, null, {}] };
    expect(slimPod({ ...raw, status }, 'node-0')?.addresses).toEqual(['10.0.0.1', 'fd00::9']);
  });

  it.each<[phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown', kept: boolean]>([
    ['Pending', true],
    ['Running', true],
    ['Succeeded', false],
    ['Failed', false],
    ['Unknown', false],
  ])('of a pod in phase %s: %s', (phase, kept) => {
    expect(slimPod(pod({ phase }), 'node-0') !== undefined).toBe(kept);
  });

  it.each<[sentence: string, raw: unknown]>([
    ['a pod of another node', pod({ node: 'node-1' })],
    ['a pod without status', { ...raw, status: null }],
    ['a pod without spec', { ...raw, spec: null }],
    ['nothing', null],
  ])('leaves out %s', (_, other) => {
    expect(slimPod(other, 'node-0')).toBeUndefined();
  });
});
