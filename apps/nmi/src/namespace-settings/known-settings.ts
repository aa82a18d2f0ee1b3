/**
 * Trust: the settings are those of one ConfigMap in the namespace of the release, which no team may edit. They only ever
 * tighten, so one that is missing loosens nothing beyond what holds on the node; one that is not known yet, or makes no
 * sense, counts as the tightest (docs/adr/0012-uninstall-and-namespaces.md).
 */
import type { Store } from '@aad-pod-identity/kube';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { Subscribe } from '../identity/next-change.ts';
import { type NamespaceSettings, NOTHING_TIGHTER, readSettings, TIGHTEST } from './read-settings.ts';

/** The ConfigMap: settings by namespace, as text. */
export interface SettingsMap {
  readonly namespace: string;
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}

export interface SettingsSource {
  readonly store: Store<SettingsMap>;
  /** Whether it has been read, or found not to be there. */
  readonly isKnown: () => boolean;
  readonly whenKnown: Promise<void>;
}

export interface KnownSettings {
  /** Undefined while they are not known. */
  readonly of: (namespace: string) => NamespaceSettings | undefined;
  /** Whether any namespace has the setting; true while that is not known. */
  readonly anywhere: (name: keyof NamespaceSettings) => boolean;
  readonly subscribe: Subscribe;
}

/** Where no ConfigMap is named. */
export const NO_SETTINGS: KnownSettings = {
  of: () => NOTHING_TIGHTER,
  anywhere: () => false,
  subscribe: () => () => undefined,
};

type Entry = { readonly text: string; readonly value: NamespaceSettings };

export function knownSettings({ store, isKnown, whenKnown }: SettingsSource, logger: Logger): KnownSettings {
  const listeners = new Set<() => void>();
  let entries: ReadonlyMap<string, Entry> = new Map();

  /** What was good before goes on; without it, the namespace gets the tightest. */
  const entryOf = (namespace: string, text: string): Entry => {
    const before = entries.get(namespace);
    if (before?.text === text) return before;
    const read = readSettings(text);
    if (read.ok) return { text, value: read.value };
    const holds = before === undefined ? 'everything is blocked there' : 'what was known before holds';
    logger.warn(`settings of namespace ${namespace}: ${read.reason}; ${holds}`);
    return { text, value: before?.value ?? TIGHTEST };
  };
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  store.subscribe(({ type, object }) => {
    const texts = type === 'deleted' ? [] : Object.entries(object.data);
    entries = new Map(texts.map(([namespace, text]) => [namespace, entryOf(namespace, text)]));
    tell();
  });
  void whenKnown.then(tell);
  return {
    of: (namespace) => (isKnown() ? (entries.get(namespace)?.value ?? NOTHING_TIGHTER) : undefined),
    anywhere: (name) => !isKnown() || [...entries.values()].some(({ value }) => value[name]),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function slimSettings(raw: unknown): SettingsMap {
  const { metadata, data } = raw as { metadata: { namespace: string; name: string }; data?: Record<string, string> };
  return { namespace: metadata.namespace, name: metadata.name, data: data ?? {} };
}
