import type { Clock } from '@aad-pod-identity/runtime';
import { NmiError } from '../errors.ts';
import { keepNewest } from '../keep-newest.ts';
import type { KnownCredential } from './credential.ts';
import type { Expiry } from './credential-expiry.ts';
import { singleFlight } from './single-flight.ts';

interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** A credential that a Secret holds, and whose it is. */
export interface CredentialRequest {
  /** Of the AzureIdentity that names the Secret. */
  readonly identityUid: string;
  /** That AzureIdentity, by name. */
  readonly identity: ObjectName;
  readonly type: 1 | 2;
  readonly namespace: string;
  readonly name: string;
}

export type CredentialSource = (request: CredentialRequest, signal: AbortSignal) => Promise<KnownCredential>;

interface Held {
  readonly credential: KnownCredential;
  readonly identityUid: string;
  readonly identity: ObjectName;
  /** When it was read, and when somebody last tried to; monotonic milliseconds. */
  readonly readAt: number;
  triedAt: number;
}

/** From then on it is read again beside the request, which is answered with what is there. */
const RENEW_MS = 30_000;
/** From then on the request waits for that, if the API server answers at all. */
const STALE_MS = 55_000;
const STALE_WAIT_MS = 1_000;
/** Between two tries. */
const RETRY_MS = 5_000;
const REREAD_MIN_MS = 500;
const MAX_HELD = 500;

const keyOf = ({ identityUid, type, namespace, name }: CredentialRequest): string =>
  JSON.stringify([identityUid, type, namespace, name]);

/** Whether the Secret itself, not the way to it, is what is wrong. */
function isOfTheSecret(error: unknown): boolean {
  return error instanceof NmiError && error.code === 'identityMisconfigured';
}

/**
 * Keeps credentials, no longer than a minute while the API server answers: a changed Secret counts without a restart.
 * While it does not answer, those that were read go on being used. One that is gone or refused is gone here too.
 */
export class CredentialCache {
  readonly #held = new Map<string, Held>();
  readonly #forever = new AbortController().signal;
  readonly #clock: Clock;
  readonly #fetch: CredentialSource;

  constructor(read: CredentialSource, clock: Clock) {
    this.#clock = clock;
    this.#fetch = singleFlight((request, signal) => this.#read(read, request, signal), keyOf);
  }

  async get(request: CredentialRequest, signal: AbortSignal): Promise<KnownCredential> {
    const known = this.#held.get(keyOf(request));
    if (known === undefined) return this.#fetch(request, signal);
    const now = this.#clock.monotonic();
    const age = now - known.readAt;
    if (age < RENEW_MS || now - known.triedAt < RETRY_MS) return known.credential;
    if (age >= STALE_MS) return this.#readAgain(request, known);
    this.#fetch(request, this.#forever).catch(() => undefined);
    return known.credential;
  }

  /** Reads again, unless that was done a moment ago: the credential was refused. */
  async reread(request: CredentialRequest, signal: AbortSignal): Promise<KnownCredential> {
    const known = this.#held.get(keyOf(request));
    if (known !== undefined && this.#clock.monotonic() - known.triedAt < REREAD_MIN_MS) return known.credential;
    return this.#fetch(request, signal);
  }

  /** When those that are held end, as far as that is known; of one identity that which was read last. */
  expiries(): Expiry[] {
    const byIdentity = new Map<string, Expiry>();
    for (const { identity, identityUid, credential } of this.#held.values()) {
      byIdentity.delete(identityUid);
      const { namespace, name } = identity;
      const at = credential.endsAt;
      if (at !== undefined) byIdentity.set(identityUid, { namespace, identity: name, at });
    }
    return [...byIdentity.values()];
  }

  readonly forget = (identityUid: string): void => {
    for (const [key, entry] of this.#held) if (entry.identityUid === identityUid) this.#held.delete(key);
  };

  async #read(read: CredentialSource, request: CredentialRequest, signal: AbortSignal): Promise<KnownCredential> {
    const key = keyOf(request);
    const before = this.#held.get(key);
    if (before !== undefined) before.triedAt = this.#clock.monotonic();
    try {
      const credential = await read(request, signal);
      this.#hold(key, request, credential);
      return credential;
    } catch (error) {
      if (isOfTheSecret(error)) this.#held.delete(key);
      throw error;
    }
  }

  #hold(key: string, { identityUid, identity }: CredentialRequest, credential: KnownCredential): void {
    const now = this.#clock.monotonic();
    this.#held.delete(key);
    this.#held.set(key, { credential, identityUid, identity, readAt: now, triedAt: now });
    keepNewest(this.#held, MAX_HELD);
  }

  /** What a new reading gives, or what is there if the API server gives nothing soon. */
  async #readAgain(request: CredentialRequest, known: Held): Promise<KnownCredential> {
    const reading = this.#fetch(request, this.#forever).catch((error: unknown) => {
      if (isOfTheSecret(error)) throw error;
      return known.credential;
    });
    const late = Promise.withResolvers<KnownCredential>();
    const cancel = this.#clock.schedule(STALE_WAIT_MS, () => {
      late.resolve(known.credential);
    });
    try {
      return await Promise.race([reading, late.promise]);
    } finally {
      cancel();
      reading.catch(() => undefined);
    }
  }
}
