import { POD_LABEL } from '@aad-pod-identity/crd-types';
import { pod } from '@aad-pod-identity/testing';
import { labelOf, otherLabels, standingOf, unitsOf, USE_LABEL } from '../../src/plan/units.ts';
import { podOf, workload, type WorkloadObject } from '../objects.ts';
import { type Raw, worldOf } from '../world.ts';

type Objects = readonly Raw[];

const deployment = workload({ label: 'a' });
const replicaSet = workload({ kind: 'ReplicaSet', name: 'web-1', label: 'a', owner: ownerOf(deployment) });
const cronJob = workload({ kind: 'CronJob', name: 'nightly', label: 'a' });
const job = workload({ kind: 'Job', name: 'nightly-1', label: 'a', owner: ownerOf(cronJob) });

function ownerOf({ apiVersion, kind, metadata: { name, uid } }: WorkloadObject) {
  return { apiVersion, kind, name, uid };
}

const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'canary', uid: 'uid-rollout' };
const ofRollout = workload({ kind: 'ReplicaSet', name: 'canary-1', label: 'a', owner: rollout });
const ended = {
  ...workload({ kind: 'Job', label: 'a' }),
  status: { conditions: [{ type: 'Complete', status: 'True' }] },
};

/** `Kind namespace/name pods` of each unit. */
const units = (...objects: Objects): string[] =>
  unitsOf(worldOf(...objects)).map(({ kind, namespace, name, pods }) => `${kind} ${namespace}/${name} ${pods.length}`);

describe('what an operator changes', () => {
  it.each<[string, Objects, string[]]>([
    [
      'is the Deployment, through its ReplicaSet',
      [deployment, replicaSet, podOf(replicaSet)],
      ['Deployment default/web 1'],
    ],
    ['is the CronJob, through its Job', [cronJob, job, podOf(job)], ['CronJob default/nightly 1']],
    ['is a workload of which nothing runs now', [cronJob], ['CronJob default/nightly 0']],
    ['is the Job of nobody', [workload({ kind: 'Job', label: 'a' })], ['Job default/web 0']],
    ['is not a Job that has ended', [ended], []],
    ['is the pod of nobody', [pod({ name: 'lone', label: 'a' })], ['Pod default/lone 1']],
    ['is not a pod that has ended', [pod({ label: 'a', phase: 'Succeeded' })], []],
    ['is an owner of a kind that is not known', [ofRollout, podOf(ofRollout)], ['Rollout default/canary 1']],
    [
      'is an owner that is not there any more',
      [podOf(workload({ kind: 'StatefulSet', name: 'gone', label: 'a' }))],
      ['StatefulSet default/gone 1'],
    ],
    [
      'is told apart by kind and namespace, in order',
      [workload({ namespace: 'b' }), workload({ kind: 'StatefulSet' }), workload()],
      ['Deployment b/web 0', 'Deployment default/web 0', 'StatefulSet default/web 0'],
    ],
  ])('%s', (_sentence, objects, expected) => {
    expect(units(...objects)).toEqual(expected);
  });

  it('is found although owners go round in a circle', () => {
    const [a, b] = ['a', 'b'].map((name) => workload({ kind: 'ReplicaSet', name, label: 'x' }));
    const circle = [
      workload({ kind: 'ReplicaSet', name: 'a', label: 'x', owner: ownerOf(b!) }),
      workload({ kind: 'ReplicaSet', name: 'b', label: 'x', owner: ownerOf(a!) }),
    ];
    expect(units(...circle).length).toBeGreaterThan(0);
  });
});

const onlyUnit = (...objects: Objects) => unitsOf(worldOf(...objects))[0]!;
const using = { [USE_LABEL]: 'true' };

describe('how far it is', () => {
  it.each<[string, Objects, string]>([
    ['the old label on the template', [deployment], 'toMigrate'],
    ['the old label on pods only', [workload(), podOf(workload(), 'x', { [POD_LABEL]: 'a' })], 'toMigrate'],
    ['both labels', [workload({ label: 'a', labels: using })], 'inTransition'],
    [
      'the new label, while a pod has the old one',
      [workload({ labels: using }), podOf(workload(), 'x', { [POD_LABEL]: 'a' })],
      'inTransition',
    ],
    ['the new label alone', [workload({ labels: using })], 'migrated'],
    ['the new label, not true', [workload({ labels: { [USE_LABEL]: 'false' } })], 'unconcerned'],
    ['neither label', [workload()], 'unconcerned'],
    ['an old label without a value', [workload({ label: '' })], 'unconcerned'],
  ])('%s', (_sentence, objects, expected) => {
    expect(standingOf(onlyUnit(...objects))).toBe(expected);
  });

  it('is decided by the template’s label where pods have others', () => {
    const unit = onlyUnit(deployment, podOf(deployment, 'x', { [POD_LABEL]: 'b' }), podOf(deployment, 'y'));
    expect([labelOf(unit), otherLabels(unit)]).toEqual(['a', ['b']]);
  });
});
