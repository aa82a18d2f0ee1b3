import { fakeClock } from '@aad-pod-identity/testing';
import { Arrivals } from '../src/arrivals.ts';
import { createStores } from '../src/world/stores.ts';
import { podView } from './scene.ts';

function world() {
  const [clock, stores] = [fakeClock(), createStores()];
  const arrivals = new Arrivals(clock);
  return { clock, stores, arrivals };
}

describe('how long a pod waits for an identity', () => {
  it('counts from when it is seen on its node', async () => {
    const { clock, stores, arrivals } = world();
    arrivals.follow(stores);
    stores.pods.apply(podView({ node: '' }));
    await clock.advance(1000);
    stores.pods.apply(podView());
    await clock.advance(40);
    expect(arrivals.assigned(podView(), 'default/demo')).toBe(40);
  });

  it('is not remembered of a pod that has gone when its record comes', async () => {
    const { clock, stores, arrivals } = world();
    arrivals.follow(stores);
    await clock.advance(1000);
    stores.pods.apply(podView());
    stores.pods.remove('default/demo');
    expect([arrivals.assigned(podView(), 'a'), arrivals.assigned(podView(), 'a')]).toEqual([1000, 1000]);
  });

  it('is told once for each identity, whatever becomes of it later', async () => {
    const { clock, stores, arrivals } = world();
    arrivals.follow(stores);
    stores.pods.apply(podView());
    await clock.advance(40);
    expect(['a', 'b', 'a'].map((identity) => arrivals.assigned(podView(), identity))).toEqual([40, 40, undefined]);
  });

  it.each([
    ['a pod that comes back on another node', { node: 'node-1' }],
    ['a pod with another label', { label: 'other' }],
  ])('begins anew for %s', async (_case, options) => {
    const { clock, stores, arrivals } = world();
    arrivals.follow(stores);
    stores.pods.apply(podView());
    arrivals.assigned(podView(), 'a');
    await clock.advance(1000);
    stores.pods.apply(podView(options));
    await clock.advance(7);
    expect(arrivals.assigned(podView(options), 'a')).toBe(7);
  });

  it('counts from when this instance leads for pods that were there before', async () => {
    const { clock, stores, arrivals } = world();
    stores.pods.apply(podView());
    await clock.advance(1000);
    const end = arrivals.follow(stores);
    await clock.advance(5);
    expect(arrivals.assigned(podView(), 'a')).toBe(5);
    end();
    await clock.advance(1000);
    arrivals.follow(stores);
    await clock.advance(2);
    expect(arrivals.assigned(podView(), 'a')).toBe(2);
  });
});
