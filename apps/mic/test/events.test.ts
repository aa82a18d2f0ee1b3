import { ArmError } from '@aad-pod-identity/azure-arm';
import { faultOf } from '../src/apply/faults.ts';
import { bindingApplyError, bindingRemoveError, noticed } from '../src/events.ts';
import { bindingValue, identityValue, podView, recordView } from './scene.ts';

const SCOPE = '/subscriptions/s/resourcegroups/nodes/providers/Microsoft.Compute/virtualMachineScaleSets/set';
const identities = (count: number): string =>
  Array.from({ length: count }, (_, index) => `/subscriptions/s/resourcegroups/g/identity-${index}`).join(',');

function linked(count: number): string {
  return (
    `The client 'x' with object id 'x' has permission to perform action 'write' on scope '${SCOPE}'; however, it does ` +
    `not have permission to perform action(s) 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on ` +
    `the linked scope(s) '${identities(count)}' (respectively) or the linked scope(s) are invalid.`
  );
}

function fault(armCode: string, detail: string) {
  return faultOf(new ArmError('badIdentities', `${armCode}: ${detail}`, { armCode, detail }));
}

const longName = 'n'.repeat(253);
const need = (name: string) => ({
  pod: podView({ name, node: name }),
  identity: identityValue({ name }),
  binding: bindingValue(),
});

describe('the Event of a failure', () => {
  it.each([
    ['of one identity', 'demo', linked(1)],
    ['of 150 identities', 'demo', linked(150)],
    ['of objects with the longest names', longName, linked(1)],
    ['of a text in many bytes', 'demo', `who ${'ä'.repeat(2000)} or the linked scope(s) are invalid.`],
  ])('%s names the code once and ends with the cause, in at most 1024 bytes', (_case, name, detail) => {
    const reason = fault('LinkedAuthorizationFailed', detail);
    const record = recordView({ pod: name, node: name });
    for (const event of [bindingApplyError(need(name), reason), bindingRemoveError(record, reason)]) {
      const message = event?.message ?? '';
      expect(message.match(/LinkedAuthorizationFailed/g)).toHaveLength(1);
      expect(message).toMatch(/: LinkedAuthorizationFailed: .*scope\(s\) are invalid\.$/);
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
    }
  });

  it('says what is not permitted, also where 150 identities are named between that and the end', () => {
    const { message } = bindingApplyError(need('demo'), fault('LinkedAuthorizationFailed', linked(150)));
    expect(message).toContain("not have permission to perform action(s) 'Microsoft.ManagedIdentity");
  });

  it('of a binding that is blocked fits as well', () => {
    const { pod, binding } = need(longName);
    const detail = `${'x'.repeat(2000)} the cause`;
    const { message = '' } = noticed({ pod, binding: binding.metadata, reason: 'IdentityUnreadable', detail }) ?? {};
    expect(message).toMatch(/the cause$/);
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
  });
});

const { pod: aPod, binding: aBinding } = need('demo');
const [ofPod, ofBinding] = [{ pod: aPod }, { binding: aBinding.metadata }];

describe('the Event of a reason', () => {
  it.each([
    ['IdentityNotFound', { ...ofPod, ...ofBinding }, 'AzureIdentityBinding Warning binding apply error'],
    ['IdentityNotFound', ofBinding, 'AzureIdentityBinding Warning binding apply error'],
    ['SelectorMatchesNothing', ofBinding, 'AzureIdentityBinding Normal SelectorMatchesNothing'],
    ['DuplicateBinding', ofBinding, 'AzureIdentityBinding Normal DuplicateBinding'],
    ['HostNetwork', ofPod, 'Pod Warning HostNetwork'],
    ['NodeWithoutNMI', ofPod, 'Pod Warning NodeWithoutNMI'],
    ['NoNMI', {}, 'none'],
    ['SeveralInstalls', {}, 'none'],
  ] as const)('%s of %j', (reason, whose, expected) => {
    const event = noticed({ reason, detail: 'so it is', ...whose });
    expect(event ? `${event.regarding.kind} ${event.type} ${event.reason}` : 'none').toBe(expected);
  });
});
