import { fakeClock } from '@aad-pod-identity/testing';
import { Notices } from '../src/notices.ts';
import type { Notice } from '../src/plan/notice.ts';
import { REASON_NAMES, REASONS } from '../src/plan/reasons.ts';

const pod = (name: string) => ({ namespace: 'default', name, uid: `uid-${name}` });
const binding = (name: string) => ({ namespace: 'default', name, uid: `uid-${name}` });
const missing = (podName: string): Notice => ({
  ...{ reason: 'IdentityNotFound', detail: 'there is none', identity: 'default/demo' },
  ...{ pod: pod(podName), binding: binding('b') },
});
const onHost: Notice = { reason: 'HostNetwork', detail: 'it is', pod: pod('p') };
const withoutNmi: Notice = { reason: 'NodeWithoutNMI', detail: 'none', pod: pod('p') };

function world() {
  const clock = fakeClock();
  const said: string[] = [];
  const notices = new Notices(clock, ({ reason, pod: of }) => said.push(`${reason} ${of?.name ?? ''}`.trim()));
  return { clock, said, notices };
}

describe('a reason', () => {
  it('is said once, however often it is found', () => {
    const { notices, said } = world();
    for (let pass = 0; pass < 3; pass++) notices.replace('set', [onHost]);
    expect(said).toEqual(['HostNetwork p']);
  });

  it('is said again after it was over', () => {
    const { notices, said } = world();
    for (const found of [[onHost], [], [onHost]]) notices.replace('set', found);
    expect(said).toHaveLength(2);
  });

  it('that is one of a binding is said once, whatever the number of its pods and of their machines', async () => {
    const { notices, said, clock } = world();
    notices.replace('set', [missing('a'), missing('b')]);
    notices.replace('vm', [missing('c')]);
    await clock.advance(REASONS.IdentityNotFound.graceMs);
    expect(said).toEqual(['IdentityNotFound a']);
    notices.replace('set', []);
    notices.replace('set', [missing('d')]);
    await clock.advance(REASONS.IdentityNotFound.graceMs);
    expect(said).toHaveLength(1);
  });

  it('that is over within its grace was never one', async () => {
    const { notices, said, clock } = world();
    notices.replace('set', [withoutNmi]);
    await clock.advance(REASONS.NodeWithoutNMI.graceMs - 1);
    expect([said, notices.pods('NodeWithoutNMI')]).toEqual([[], 0]);
    notices.replace('set', []);
    await clock.advance(REASONS.NodeWithoutNMI.graceMs);
    expect([said, notices.pods('NodeWithoutNMI')]).toEqual([[], 0]);
  });

  it('that is found again and again goes on with the grace it had', async () => {
    const { notices, said, clock } = world();
    for (const _minute of [1, 2]) {
      notices.replace('set', [{ ...withoutNmi }]);
      await clock.advance(REASONS.NodeWithoutNMI.graceMs / 2);
    }
    expect([said, notices.pods('NodeWithoutNMI')]).toEqual([['NodeWithoutNMI p'], 1]);
  });

  it('counts for as many pods as it holds for, each once', async () => {
    const { notices, clock } = world();
    const twice = { ...missing('a'), binding: binding('other') };
    notices.replace('set', [missing('a'), missing('b'), twice]);
    notices.replace('vm', [missing('c')]);
    await clock.advance(REASONS.IdentityNotFound.graceMs);
    expect(notices.pods('IdentityNotFound')).toBe(3);
    notices.replace('set', [twice]);
    notices.replace('binding b', [{ reason: 'IdentityNotFound', detail: 'there is none', binding: binding('b') }]);
    await clock.advance(REASONS.IdentityNotFound.graceMs);
    expect([notices.pods('IdentityNotFound'), notices.bindings('IdentityNotFound')]).toEqual([2, 1]);
  });

  it('is found by the identity that a pod does not get, and who listens hears of each change', async () => {
    const { notices, clock } = world();
    const heard: string[] = [];
    notices.subscribe((identity) => heard.push(identity));
    notices.replace('set', [missing('a')]);
    await clock.advance(REASONS.IdentityNotFound.graceMs);
    expect(notices.ofIdentity('default/demo')).toEqual([{ reason: 'IdentityNotFound', detail: 'there is none' }]);
    notices.clear();
    expect([notices.ofIdentity('default/demo'), heard.length]).toEqual([[], 2]);
  });

  it('that holds for many pods is one to their identity, which hears of the first and the last of them', async () => {
    const { notices, clock } = world();
    const heard: string[] = [];
    notices.subscribe((identity) => heard.push(identity));
    const pods = Array.from({ length: 1000 }, (_, index) => missing(`pod-${index}`));
    notices.replace('set', pods);
    await clock.advance(REASONS.IdentityNotFound.graceMs);
    notices.replace('set', pods.slice(1));
    expect([notices.ofIdentity('default/demo').length, heard.length]).toEqual([1, 1]);
    notices.replace('set', []);
    expect([notices.ofIdentity('default/demo').length, heard.length]).toEqual([0, 2]);
  });
});

it.each(REASON_NAMES)('%s has a sentence of its own', (reason) => {
  const { says } = REASONS[reason];
  expect(REASON_NAMES.filter((other) => REASONS[other].says === says)).toEqual([reason]);
  expect(says).toMatch(/^[a-z].*[^.]$|^NMI .*[^.]$/);
});
