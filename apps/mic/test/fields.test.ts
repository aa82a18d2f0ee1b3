import { keepFields, node, pod } from '@aad-pod-identity/testing';
import { NODE_FIELDS, POD_FIELDS, slimNode, slimPod } from '../src/world/slim.ts';

/** What the reflector reads of every object. */
const names = { name: true, namespace: true, resourceVersion: true } as const;
const asked = ({ metadata, ...rest }: typeof POD_FIELDS) => ({
  ...rest,
  metadata: { ...(metadata as object), ...names },
});

const pods = {
  'a pod of its own service account': pod({ label: 'demo', serviceAccount: 'app', labels: { a: 'b' } }),
  'a pod that has ended': pod({ label: 'demo', phase: 'Succeeded' }),
  'a pod without label and node': pod({ node: '' }),
};

it.each(Object.entries(pods))('MIC asks for every field that it reads of %s', (_sentence, object) => {
  expect(slimPod(keepFields(object, asked(POD_FIELDS)))).toEqual(slimPod(object));
});

it('MIC asks for every field that it reads of a node', () => {
  const plain = node({ name: 'node-7', scaleSet: { name: 'set', instance: 7 } });
  const object = { ...plain, spec: { ...plain.spec, taints: [{ key: 'a', effect: 'NoSchedule' }] } };
  expect(slimNode(keepFields(object, asked(NODE_FIELDS)), 'a')).toEqual(slimNode(object, 'a'));
});
