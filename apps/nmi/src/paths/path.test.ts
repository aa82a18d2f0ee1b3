import { type NetworkView, pathOf, type Route } from './path.ts';

const OWN: Route = { device: 'veth1', toHost: true, direct: true };
const SHARED: Route = { device: 'cni0', toHost: false, direct: true };

/** A node with a bridge `cni0`, pods behind `veth…` and a card `eth0`. */
function view(route: Route | undefined, neighbour?: string): NetworkView {
  return {
    route: () => route,
    isBridge: (device) => device === 'cni0',
    neighbour: () => neighbour,
    portOf: (_, hardwareAddress) => ({ a: 'veth2', far: 'eth0' })[hardwareAddress],
    birthOf: (device) => (device.startsWith('veth') ? `born ${device}` : undefined),
  };
}

describe('the path to a pod’s address', () => {
  it.each<[sentence: string, route: Route | undefined, neighbour: string | undefined, device: string | undefined]>([
    ['is the interface that the address alone is routed to', OWN, undefined, 'veth1'],
    ['is the port of the bridge behind which it answered', SHARED, 'a', 'veth2'],
    ['is unknown without a route', undefined, undefined, undefined],
    ['is unknown on a bridge where it has not answered', SHARED, undefined, undefined],
    ['is unknown on a bridge that has forgotten who answered', SHARED, 'gone', undefined],
    ['is unknown where it answered from beyond the node', SHARED, 'far', undefined],
    ['is unknown behind a gateway', { ...OWN, direct: false }, undefined, undefined],
    ['is unknown where others are routed to the same interface', { ...OWN, toHost: false }, undefined, undefined],
    ['is unknown behind a card', { ...OWN, device: 'eth0' }, undefined, undefined],
  ])('%s', (_, route, neighbour, device) => {
    const path = pathOf('10.0.0.1', view(route, neighbour));
    expect(path).toEqual(device === undefined ? undefined : { device, born: `born ${device}` });
  });

  it('is the node itself for an address that nothing outside of it can send from', () => {
    const nowhere = view(undefined);
    expect([pathOf('127.0.0.9', nowhere), pathOf('::1', nowhere)]).toEqual([
      { device: 'lo', born: 'with the node' },
      { device: 'lo', born: 'with the node' },
    ]);
  });
});
