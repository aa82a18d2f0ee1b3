import { podAddresses } from '../src/pods/addresses.ts';

it('every pod has an address of loopback of its own', () => {
  const addresses = podAddresses(4711);
  const taken = Array.from({ length: 253 }, () => addresses.take());
  expect(new Set(taken).size).toBe(253);
  expect(taken.every((address) => /^127\.\d+\.\d+\.\d+$/.test(address))).toBe(true);
});

it('an address that was given back is taken again, but not at once', () => {
  const addresses = podAddresses(1);
  const first = addresses.take();
  addresses.give(first);
  expect(addresses.take()).not.toBe(first);
});

it('when none is left it says so', () => {
  const addresses = podAddresses(1);
  for (let count = 0; count < 253; count++) addresses.take();
  expect(() => addresses.take()).toThrow('no pod address is left of 127.17.0.0/24');
});

it('two sandboxes side by side use different networks', () => {
  expect(podAddresses(100).take()).not.toBe(podAddresses(101).take());
});
