import type { AzureIdentity } from '@aad-pod-identity/crd-types';
import type { StoreChange } from '@aad-pod-identity/kube';
import { armIdOf } from '../plan/need.ts';
import { objectKey, type Stores } from './stores.ts';
import type { RecordView } from './views.ts';

/** What a record says of its identity. */
export interface Cause {
  readonly outcome: 'works' | 'fails' | 'pending';
  readonly reason: string;
  readonly message: string;
}

interface Counted {
  readonly cause: Cause;
  count: number;
}

/** What an identity is: records of what it was before an edit say nothing of it. */
function formOf({ spec, ...identity }: AzureIdentity): string {
  return armIdOf({ ...identity, spec }) ?? JSON.stringify(spec);
}

function causeOf({ state, ready }: RecordView): Cause {
  const { reason = '', message = '' } = ready ?? {};
  // 1.8.17 wrote no conditions.
  if (state === 'Assigned') return { outcome: 'works', reason: reason || 'Assigned', message };
  const isPending = ready === undefined || reason === 'Assigning';
  return { outcome: isPending ? 'pending' : 'fails', reason, message };
}

interface Place {
  readonly identity: string;
  /** Of the cause, among all of that identity. */
  readonly key: string;
  readonly cause: Cause;
}

function placeOf(record: RecordView): Place | undefined {
  const { identity, deleting } = record;
  if (identity === undefined || deleting) return undefined;
  const cause = causeOf(record);
  return { identity: objectKey(identity.metadata), key: JSON.stringify([formOf(identity), cause]), cause };
}

/**
 * What the records say of each identity, kept up with every change of a record at a cost that does not depend on how
 * many there are: an identity may have ten thousand, and few different things to say.
 */
export class IdentityTally {
  readonly #causes = new Map<string, Map<string, Counted>>();
  readonly #changed: (identity: string) => void;

  /** `changed` hears of each identity, as `namespace/name`, of which something is said for the first or last time. */
  constructor(changed: (identity: string) => void) {
    this.#changed = changed;
  }

  /** Follows the records until the returned function is called. */
  follow({ records }: Stores): () => void {
    for (const record of records.list()) this.#add(record);
    return records.subscribe((change) => {
      this.#apply(change);
    });
  }

  /** Each once, in an order of their own. */
  of(identity: AzureIdentity): Cause[] {
    const form = formOf(identity);
    const counted = this.#causes.get(objectKey(identity.metadata));
    const wanted = [...(counted ?? [])].filter(([key]) => (JSON.parse(key) as [string])[0] === form);
    return wanted.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { cause }]) => cause);
  }

  #apply({ type, object, previous }: StoreChange<RecordView>): void {
    if (previous !== undefined) this.#remove(previous);
    if (type === 'deleted') this.#remove(object);
    else this.#add(object);
  }

  #add(record: RecordView): void {
    const place = placeOf(record);
    if (place === undefined) return;
    const { identity, key, cause } = place;
    const causes = this.#causes.get(identity) ?? new Map<string, Counted>();
    this.#causes.set(identity, causes);
    const counted = causes.get(key);
    if (counted !== undefined) counted.count++;
    else {
      causes.set(key, { cause, count: 1 });
      this.#changed(identity);
    }
  }

  #remove(record: RecordView): void {
    const place = placeOf(record);
    if (place === undefined) return;
    const { identity, key } = place;
    const causes = this.#causes.get(identity);
    const counted = causes?.get(key);
    if (causes === undefined || counted === undefined) return;
    counted.count--;
    if (counted.count > 0) return;
    causes.delete(key);
    if (causes.size === 0) this.#causes.delete(identity);
    this.#changed(identity);
  }
}
