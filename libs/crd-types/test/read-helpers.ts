import type { Read } from '../src/index.ts';

export const RESOURCE_ID =
  '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/demo';

export function valueOf<T>(read: Read<T>): T {
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}

export function reasonOf(read: Read<unknown>): string {
  return read.ok ? 'no reason' : read.reason;
}
