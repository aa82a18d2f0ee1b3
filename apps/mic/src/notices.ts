import type { Clock } from '@aad-pod-identity/runtime';
import { type Notice, noticeKey, onceKey, type Problem } from './plan/notice.ts';
import { type Reason, REASONS } from './plan/reasons.ts';

interface Entry {
  readonly notice: Notice;
  /** Its grace is over: it counts, and was said. */
  due: boolean;
  cancel: () => void;
}

/** Values by key, and how many of each. */
class Bag<K> {
  readonly #counts = new Map<K, number>();

  get size(): number {
    return this.#counts.size;
  }

  /** Whether it is the first of its kind. */
  add(key: K): boolean {
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count === 1;
  }

  remove(key: K): void {
    const count = (this.#counts.get(key) ?? 0) - 1;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}

interface Cause {
  readonly problem: Problem;
  pods: number;
}

const problemOf = ({ reason, detail }: Notice): Problem => ({ reason, detail });
const causeKey = ({ reason, detail }: Notice): string => `${reason} ${detail}`;
const subjectOf = ({ pod, binding }: Notice): string => pod?.uid ?? binding?.uid ?? '';

/**
 * Everything that stands in the way of an identity now, as others found it: each scope (a VM or scale set, a binding)
 * says what holds there. What is new is said once, after its grace; what holds no longer is forgotten.
 */
export class Notices {
  readonly #clock: Clock;
  readonly #say: (notice: Notice) => void;
  readonly #scopes = new Map<string, Map<string, Entry>>();
  readonly #said = new Bag<string>();
  readonly #pods = new Map<Reason, Bag<string>>();
  readonly #bindings = new Map<Reason, Bag<string>>();
  readonly #byIdentity = new Map<string, Map<string, Cause>>();
  readonly #listeners = new Set<(identity: string) => void>();

  constructor(clock: Clock, say: (notice: Notice) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** What holds in `scope` from now on, in the place of what held before. */
  replace(scope: string, notices: readonly Notice[]): void {
    const before = this.#scopes.get(scope);
    if (before === undefined && notices.length === 0) return;
    const wanted = new Map(notices.map((notice) => [noticeKey(notice), notice]));
    for (const [key, entry] of before ?? []) if (!wanted.has(key)) this.#drop(entry);
    const now = new Map<string, Entry>();
    for (const [key, notice] of wanted) now.set(key, before?.get(key) ?? this.#open(notice));
    if (now.size === 0) this.#scopes.delete(scope);
    else this.#scopes.set(scope, now);
  }

  /** Pods for which `reason` holds. */
  pods(reason: Reason): number {
    return this.#pods.get(reason)?.size ?? 0;
  }

  /** Bindings for which it holds whatever the pod. */
  bindings(reason: Reason): number {
    return this.#bindings.get(reason)?.size ?? 0;
  }

  /** Why pods do not get this identity, given as `namespace/name`: each once, whatever the number of pods. */
  ofIdentity(identity: string): Problem[] {
    return [...(this.#byIdentity.get(identity)?.values() ?? [])].map(({ problem }) => problem);
  }

  /** Tells of each identity for which something else holds, until the returned function is called. */
  subscribe(listener: (identity: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Who leads from now on says everything anew. */
  clear(): void {
    for (const scope of [...this.#scopes.keys()]) this.replace(scope, []);
  }

  #open(notice: Notice): Entry {
    const entry: Entry = { notice, due: false, cancel: () => undefined };
    const { graceMs } = REASONS[notice.reason];
    const fall = (): void => {
      this.#fallDue(entry);
    };
    if (graceMs === 0) fall();
    else entry.cancel = this.#clock.schedule(graceMs, fall);
    return entry;
  }

  #fallDue(entry: Entry): void {
    const { notice } = entry;
    entry.due = true;
    const { pod, identity } = notice;
    this.#bagOf(notice).add(subjectOf(notice));
    if (pod !== undefined && identity !== undefined) this.#link(identity, notice);
    if (this.#said.add(onceKey(notice))) this.#say(notice);
  }

  #drop({ notice, due, cancel }: Entry): void {
    cancel();
    if (!due) return;
    const { pod, identity } = notice;
    this.#bagOf(notice).remove(subjectOf(notice));
    this.#said.remove(onceKey(notice));
    if (pod !== undefined && identity !== undefined) this.#unlink(identity, notice);
  }

  #bagOf({ reason, pod }: Notice): Bag<string> {
    const bags = pod === undefined ? this.#bindings : this.#pods;
    const bag = bags.get(reason) ?? new Bag<string>();
    bags.set(reason, bag);
    return bag;
  }

  #link(identity: string, notice: Notice): void {
    const causes = this.#byIdentity.get(identity) ?? new Map<string, Cause>();
    this.#byIdentity.set(identity, causes);
    const cause = causes.get(causeKey(notice));
    if (cause !== undefined) cause.pods++;
    else {
      causes.set(causeKey(notice), { problem: problemOf(notice), pods: 1 });
      this.#tell(identity);
    }
  }

  #unlink(identity: string, notice: Notice): void {
    const causes = this.#byIdentity.get(identity);
    const cause = causes?.get(causeKey(notice));
    if (causes === undefined || cause === undefined) return;
    cause.pods--;
    if (cause.pods > 0) return;
    causes.delete(causeKey(notice));
    if (causes.size === 0) this.#byIdentity.delete(identity);
    this.#tell(identity);
  }

  #tell(identity: string): void {
    for (const listener of this.#listeners) listener(identity);
  }
}
