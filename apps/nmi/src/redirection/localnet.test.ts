import { localnetProblem, type LocalnetSettings } from './localnet.ts';

const CLOSED: LocalnetSettings = { all: '0', default: '0', lo: '0', eth0: '0', cni0: '0' };

it.each<[sentence: string, listenAddress: string, settings: LocalnetSettings, isProblem: boolean]>([
  ['loopback cannot be reached where no interface routes to it', '127.0.0.1', CLOSED, true],
  ['loopback it is also where NMI listens on all addresses', '0.0.0.0', CLOSED, true],
  ['the setting of lo itself changes nothing', '127.0.0.1', { ...CLOSED, lo: '1' }, true],
  ['one setting for all is enough', '127.0.0.1', { ...CLOSED, all: '1' }, false],
  ['the interface of the pods is enough', '127.0.0.1', { ...CLOSED, cni0: '1' }, false],
  ['those that are yet to come are enough', '127.0.0.1', { ...CLOSED, default: '1' }, false],
  ['the node’s own address needs none of it', '10.0.0.4', CLOSED, false],
  ['nor does an address of IPv6', '::1', CLOSED, false],
])('%s', (_, listenAddress, settings, isProblem) => {
  const problem = localnetProblem(listenAddress, settings);
  if (isProblem) expect(problem).toContain('net.ipv4.conf.all.route_localnet=1');
  else expect(problem).toBeUndefined();
});
