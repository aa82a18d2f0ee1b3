import { createHash } from 'node:crypto';
import { type Need, pairOfNeed } from './need.ts';

/** The longest name of an object. */
const MAX_NAME_LENGTH = 253;
/** 48 bits: among 100,000 records a clash of two hashes has a chance of 1 in 50,000. */
const HASH_LENGTH = 12;

/** The name that 1.8.17 gives: pod, its namespace, identity. Two pairs can share it. */
export function plainName({ pod, identity }: Need): string {
  return `${pod.name}-${pod.namespace}-${identity.metadata.name}`;
}

/** A name that no other pair has, for when the plain one is taken or too long. */
export function ownName(need: Need): string {
  const hash = createHash('sha256').update(pairOfNeed(need)).digest('hex').slice(0, HASH_LENGTH);
  const head = plainName(need).slice(0, MAX_NAME_LENGTH - HASH_LENGTH - 1);
  return `${head.replace(/[^a-z0-9]+$/, '')}-${hash}`;
}

/** The plain name while it is nobody else's. */
export function chooseName(need: Need, isTaken: (name: string) => boolean): string {
  const plain = plainName(need);
  return plain.length > MAX_NAME_LENGTH || isTaken(plain) ? ownName(need) : plain;
}
