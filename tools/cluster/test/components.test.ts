import { componentsOf } from '../src/components/index.ts';
import type { Component } from '../src/components/component.ts';
import { isNodeReady } from '../src/components/node.ts';
import type { ClusterOptions } from '../src/plan/options.ts';
import type { Profile } from '../src/plan/profiles.ts';
import { plan } from './plan.ts';

const names = (options: Partial<ClusterOptions>) => componentsOf(plan(options)).map(({ name }) => name);

function component(name: string, options: Partial<ClusterOptions> = {}): Component {
  return componentsOf(plan(options)).find((found) => found.name === name)!;
}

const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kube-controller-manager'];

describe('a profile consists of', () => {
  const cases: Record<Profile, string[]> = {
    'control-plane': CONTROL_PLANE,
    'simulated-nodes': [...CONTROL_PLANE, 'kwok', 'kube-scheduler'],
    node: ['containerd', ...CONTROL_PLANE, 'kubelet', 'kube-proxy', 'kube-scheduler'],
  };
  it.each(Object.entries(cases))('%s', (profile, expected) => {
    expect(names({ profile: profile as Profile })).toEqual(expected);
  });

  it('a scheduler as well, where the control plane is asked for one', () => {
    expect(names({ scheduler: true })).toEqual([...CONTROL_PLANE, 'kube-scheduler']);
  });

  it('components that stand after all that they wait for', () => {
    for (const profile of ['control-plane', 'simulated-nodes', 'node'] as const) {
      const seen = new Set<string>();
      for (const { name, after } of componentsOf(plan({ profile }))) {
        expect(after.filter((other) => !seen.has(other))).toEqual([]);
        seen.add(name);
      }
    }
  });
});

describe('the API server is told', () => {
  const cases: Record<string, [options: Partial<ClusterOptions>, flags: string[], absent: string[]]> = {
    'to listen on loopback alone, where there is no node': [{}, ['--bind-address=127.0.0.1'], []],
    'to listen on every address of the namespace of a node': [{ profile: 'node' }, ['--bind-address=0.0.0.0'], []],
    'nothing of an audit, unless there is a policy': [{}, [], ['--audit-policy-file', '--audit-log-path']],
    'where the audit goes': [
      { auditPolicy: '/p.yaml' },
      ['--audit-policy-file=/p.yaml', '--audit-log-path=/tmp/demo/logs/audit.log'],
      [],
    ],
    'the feature gates': [{ featureGates: { A: true, B: false } }, ['--feature-gates=A=true,B=false'], []],
    'which versions to serve': [{ runtimeConfig: ['a/v1=true'] }, ['--runtime-config=a/v1=true'], []],
    'to serve etcd nothing but TLS': [{}, ['--etcd-servers=https://127.0.0.1:2379'], []],
    'what the caller adds, last': [{ arguments: { 'kube-apiserver': ['--v=7'] } }, ['--v=7'], []],
  };
  it.each(Object.entries(cases))('%s', (_name, [options, flags, absent]) => {
    const { command } = component('kube-apiserver', options);
    expect(command).toEqual(expect.arrayContaining(flags));
    for (const flag of absent) expect(command.join(' ')).not.toContain(flag);
  });
});

it('every component of Kubernetes is a name of the one binary', () => {
  for (const { name, command } of componentsOf(plan({ profile: 'node' }))) {
    expect(command[0]).toBe(name === 'containerd' ? 'containerd' : `/cache/kubernetes/${name}`);
  }
});

describe('a node counts as ready', () => {
  const body = (status: string, lastHeartbeatTime: string) =>
    JSON.stringify({ status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime }] } });
  const since = Date.parse('2026-01-01T00:00:10.400Z');
  const cases: Record<string, [body: string, expected: boolean]> = {
    'when kubelet has said so since its start': [body('True', '2026-01-01T00:00:12Z'), true],
    'when it said so in the second of its start': [body('True', '2026-01-01T00:00:10Z'), true],
    'not by what an earlier run said': [body('True', '2026-01-01T00:00:05Z'), false],
    'not while it says that it is not': [body('False', '2026-01-01T00:00:12Z'), false],
    'not while it has said nothing': ['{}', false],
  };
  it.each(Object.entries(cases))('%s', (_name, [text, expected]) => {
    expect(isNodeReady(text, since)).toBe(expected);
  });
});
