import { PORT_NAMES, type Ports } from './cluster-plan.ts';
import type { FullOptions } from './options.ts';
import { optionsDigest } from './options.ts';
import { PROFILES } from './profiles.ts';

/** What is remembered of a cluster between commands, in `cluster.json`. */
export interface ClusterState {
  readonly format: 1;
  /** `starting` until the first `up` has ended: what is found in it was interrupted, and is thrown away. */
  readonly phase: 'starting' | 'up';
  readonly options: FullOptions;
  readonly bootId: string;
  readonly address: string;
  readonly ports: Ports;
}

/** @returns undefined if it is not a state that this version writes */
export function parseState(text: string): ClusterState | undefined {
  try {
    const found = JSON.parse(text) as Partial<ClusterState> | null;
    const isWhole =
      found?.format === 1 &&
      (found.phase === 'starting' || found.phase === 'up') &&
      PROFILES.some((profile) => profile === found.options?.profile) &&
      [found.bootId, found.address, found.options?.kubernetes].every((value) => typeof value === 'string') &&
      PORT_NAMES.every((name) => Number.isInteger(found.ports?.[name]));
    return isWhole ? (found as ClusterState) : undefined;
  } catch {
    return undefined;
  }
}

export type UpDecision =
  | { readonly kind: 'start' }
  /** Whatever is there goes first. */
  | { readonly kind: 'replace'; readonly reason: string }
  /** Only what does not run is started. */
  | { readonly kind: 'heal' };

/**
 * What `up` does with what it finds.
 * @param found undefined where nothing is remembered; `unreadable` where something is that cannot be read
 */
export function decideUp(
  found: ClusterState | 'unreadable' | undefined,
  wanted: FullOptions,
  fresh: boolean,
): UpDecision {
  if (found === undefined) return { kind: 'start' };
  if (found === 'unreadable') return { kind: 'replace', reason: 'its state cannot be read' };
  if (fresh) return { kind: 'replace', reason: 'a fresh one is wanted' };
  if (found.phase === 'starting') return { kind: 'replace', reason: 'its start was interrupted' };
  if (optionsDigest(found.options) !== optionsDigest(wanted))
    return { kind: 'replace', reason: 'it was started with other options' };
  return { kind: 'heal' };
}
