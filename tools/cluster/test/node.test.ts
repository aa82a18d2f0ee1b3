import { enterCommand, holderCommand, nodeFolders, setupCommands } from '../src/node/namespaces.ts';
import { freeNetworks, hostCommands, linkCommand, networkOf, nodeNetwork } from '../src/node/network.ts';
import { freePorts, lastingPorts } from '../src/run/free-ports.ts';
import { missingPrerequisites, type MachineFacts } from '../src/run/prerequisites.ts';
import type { Profile } from '../src/plan/profiles.ts';

describe('the network of a node', () => {
  it('is the first that neither a link nor an address of this machine uses', () => {
    expect(freeNetworks(['lo', 'aadpi0'], ['127.0.0.1', '10.200.1.7'])[0]).toEqual(nodeNetwork(2));
  });
  it('is found again by the address of the node', () => {
    expect(networkOf(nodeNetwork(17).nodeAddress)).toEqual(nodeNetwork(17));
  });
  it('gives this machine an address of four, and no route of its own', () => {
    const commands = [linkCommand(nodeNetwork(3), 42), ...hostCommands(nodeNetwork(3))].map((words) => words.join(' '));
    expect(commands).toEqual([
      'ip link add aadpi3 type veth peer name eth0 netns 42',
      'ip address add 10.200.3.1/30 dev aadpi3',
      'ip link set aadpi3 up',
    ]);
  });
});

describe('the namespaces of a node', () => {
  const folders = nodeFolders('/run-folder');
  const commands = setupCommands('node1', folders).map((words) => words.join(' '));

  it('end with the process that holds them', () => {
    expect(holderCommand('/pause').join(' ')).toBe(
      'unshare --mount --net --pid --uts --ipc --fork --mount-proc --kill-child=KILL /pause',
    );
  });
  it('are entered all at once', () => {
    expect(enterCommand(7, ['ip', 'link'])).toEqual([...'nsenter -t 7 -m -n -p -u -i -- ip link'.split(' ')]);
  });
  it('hide what is written to folders of this machine, before anything is made in these', () => {
    const overlay = commands.findIndex((line) => line.includes('lowerdir=/var/lib,'));
    const made = commands.findIndex((line) => line === 'mkdir -p /var/lib/kubelet');
    expect(overlay).toBeGreaterThan(-1);
    expect(made).toBeGreaterThan(overlay);
  });
  it('keep the disks of kubelet and containerd in the folder of the cluster', () => {
    expect(commands).toContain('mount --bind /run-folder/fs/var/lib/containerd /var/lib/containerd');
  });
  it('show kubelet the settings that it wants, and change none of the machine', () => {
    expect(commands).toContain('mount --bind /run-folder/sysctl/vm_overcommit_memory /proc/sys/vm/overcommit_memory');
    expect(commands.filter((line) => line.includes('>/proc/sys'))).toEqual([
      'sh -c echo 1 >/proc/sys/net/ipv4/ip_forward',
    ]);
  });
});

describe('the ports of a control plane', () => {
  it('are none that an outgoing connection may be given', () => {
    const ports = lastingPorts('20003\t60999\n', () => 0.5);
    expect(ports).toEqual([20_001, 20_002, 20_000]);
  });
  it('are all different, and free', async () => {
    const ports = Object.values(await freePorts());
    expect(new Set(ports).size).toBe(ports.length);
    expect(ports.filter((port) => port < 20_000)).toEqual([]);
  });
});

describe('a machine', () => {
  const able: MachineFacts = { platform: 'linux', isRoot: true, hasProgram: () => true };
  const cases: Record<string, [profile: Profile, facts: Partial<MachineFacts>, expected: RegExp | undefined]> = {
    'without Linux has no cluster': ['control-plane', { platform: 'darwin' }, /Linux only; this machine runs darwin/],
    'has a control plane for any user': ['control-plane', { isRoot: false }, undefined],
    'has a node for root alone': ['node', { isRoot: false }, /only root/],
    'without nsenter has no node': ['node', { hasProgram: (name) => name !== 'nsenter' }, /nsenter .* util-linux/],
    'with everything has a node': ['node', {}, undefined],
  };
  it.each(Object.entries(cases))('%s', (_name, [profile, facts, expected]) => {
    const missing = missingPrerequisites(profile, { ...able, ...facts });
    if (expected === undefined) expect(missing).toEqual([]);
    else expect(missing.join('; ')).toMatch(expected);
  });
});
