import { hexOf6, neighboursOf, portIn, routesOf4, routesOf6 } from './network-tables.ts';
import type { Route } from './path.ts';

const ROUTES_4 = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000000A\t00000000\t0001\t0\t0\t100\t0000FFFF\t0\t0\t0
cni0\t0000F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
veth1\t0501F40A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0
veth2\t0501F40A\t00000000\t0005\t0\t0\t9\tFFFFFFFF\t0\t0\t0
*\t0601F40A\t00000000\t0205\t0\t0\t0\tFFFFFFFF\t0\t0\t0
veth3\t0701F40A\t00000000\t0004\t0\t0\t0\tFFFFFFFF\t0\t0\t0
`;

const zeros = (count: number): string => '0'.repeat(count);
const line6 = (to: string, prefix: string, flags: string, device: string, metric = '00000400') =>
  `${to} ${prefix} ${zeros(32)} 00 ${zeros(32)} ${metric} 00000001 00000000 ${flags} ${device.padStart(8)}`;
const ROUTES_6 = [
  line6(`fd00${zeros(28)}`, '40', '00000001', 'cni0'),
  line6(`fd00${zeros(27)}5`, '80', '00000001', 'veth1'),
  line6(zeros(32), '00', '00000003', 'eth0'),
  line6(zeros(32), '00', '00200200', 'lo', 'ffffffff'),
  line6(`fd01${zeros(28)}`, '0e', '00000001', 'odd'),
  '',
].join('\n');

describe('the route to an address', () => {
  const route = (device: string, toHost: boolean, direct = true): Route => ({ device, toHost, direct });
  it.each<[sentence: string, address: string, found: Route | undefined]>([
    ['of its own comes before all others, the least metric first', '10.244.1.5', route('veth1', true)],
    ['to its network', '10.244.0.9', route('cni0', false)],
    ['through a gateway', '192.0.2.1', route('eth0', false, false)],
    ['that is not up is none', '10.244.1.7', route('eth0', false, false)],
    ['of IPv6', 'fd00::5', route('veth1', true)],
    ['to its network of IPv6', 'fd00::6', route('cni0', false)],
    ['to a network whose length is no multiple of four', 'fd03::1', route('odd', false)],
    ['beyond that network', 'fd04::1', route('eth0', false, false)],
  ])('%s', (_, address, found) => {
    const find = address.includes(':') ? routesOf6(ROUTES_6) : routesOf4(ROUTES_4);
    expect(find(address)).toEqual(found);
  });

  it('is none in what cannot be read', () => {
    const found = [routesOf4('')('10.244.1.5'), routesOf6('')('fd00::5'), routesOf4('x\ny z\n')('10.0.0.1')];
    expect(found).toEqual([undefined, undefined, undefined]);
  });
});

it.each<[address: string, hex: string | undefined]>([
  ['fd00::1', `fd00${zeros(27)}1`],
  ['::1', `${zeros(31)}1`],
  ['fd00::', `fd00${zeros(28)}`],
  ['1:22:333:4444:5:6:7:8', '00010022033344440005000600070008'],
  ['::ffff:10.0.0.1', undefined],
])('IPv6 address %s has the digits %s', (address, hex) => {
  expect(hexOf6(address)).toBe(hex);
});

const NEIGHBOURS = `IP address       HW type     Flags       HW address            Mask     Device
10.244.0.9       0x1         0x2         9e:ef:34:cd:96:55     *        cni0
10.244.0.90      0x1         0x0         00:00:00:00:00:00     *        cni0
10.244.0.91      0x1         0x6         9e:ef:34:cd:96:56     *        cni0
`;

it.each<[sentence: string, address: string, device: string, found: string | undefined]>([
  ['who answered', '10.244.0.9', 'cni0', '9e:ef:34:cd:96:55'],
  ['who was entered by hand', '10.244.0.91', 'cni0', '9e:ef:34:cd:96:56'],
  ['nobody on another interface', '10.244.0.9', 'eth0', undefined],
  ['nobody that did not answer', '10.244.0.90', 'cni0', undefined],
  ['nobody of an address that merely begins so', '10.244.0', 'cni0', undefined],
])('the neighbour is %s', (_, address, device, found) => {
  expect(neighboursOf(NEIGHBOURS)(address, device)).toBe(found);
});

const FORWARDING = Buffer.from('9eef34cd965502010000000000000000' + '9eef34cd96550200e500000001000000', 'hex');

it('a bridge’s table tells the port of a hardware address, but not its own', () => {
  expect(portIn(FORWARDING, '9e:ef:34:cd:96:55')).toBe(0x102);
  expect([portIn(FORWARDING, '00:00:00:00:00:01'), portIn(Buffer.alloc(0), '9e:ef:34:cd:96:55')]).toEqual([
    undefined,
    undefined,
  ]);
  expect(portIn(FORWARDING.subarray(0, 16), '9e:ef:34:cd:96:55')).toBeUndefined();
});
