import type { Target } from '@aad-pod-identity/azure-arm';

/** What MIC has assigned and not yet let go. */
export interface Left {
  readonly records: number;
  readonly places: readonly LeftPlace[];
}

export interface LeftPlace {
  readonly target: Target;
  /** Resource ids of identities. */
  readonly identities: readonly string[];
  /** Why they could not be taken off, in one word; undefined while nothing has failed. */
  readonly reason: string | undefined;
}

/** As the hook of the chart reads it (`files/hooks/uninstall.mjs`). */
export interface Progress {
  readonly state: 'releasing' | 'released';
  /** Assigned identities that are there still. */
  readonly records: string;
  /** Identities that are on VMs and scale sets still, as a line for people; empty for none. */
  readonly identities: string;
}

/** One line has room for so many. */
const MAX_NAMES = 10;

const KINDS: Readonly<Record<Target['kind'], string>> = { vm: 'VM', vmss: 'scale set' };

function someOf(texts: readonly string[], separator: string): string {
  const more = texts.length - MAX_NAMES;
  return [...texts.slice(0, MAX_NAMES), ...(more > 0 ? [`${more} more`] : [])].join(separator);
}

function placeText({ target, identities, reason }: LeftPlace): string {
  const names = someOf(identities.map((id) => id.split('/').at(-1) ?? id).sort(), ', ');
  const place = `${KINDS[target.kind]} ${target.name} of resource group ${target.resourceGroup}`;
  return `${names} on ${place}${reason === undefined ? '' : ` (${reason})`}`;
}

/** `isSettled`: nothing that was planned before the uninstall is still under way. */
export function progressOf({ records, places }: Left, isSettled: boolean): Progress {
  const isReleased = isSettled && records === 0 && places.length === 0;
  return {
    state: isReleased ? 'released' : 'releasing',
    records: String(records),
    identities: someOf(places.map(placeText).sort(), '; '),
  };
}
