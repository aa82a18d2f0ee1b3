import { formatDuration, parseDuration } from './duration.ts';

/** One flag, declared once: its values, its help and its documentation come from here. */
export interface FlagSpec<T> {
  /** What help shows in place of the value. */
  readonly placeholder: string;
  /** What may be given, as the end of the sentence `... is not`. */
  readonly allowed: string;
  readonly default: T;
  readonly defaultText: string;
  readonly help: string;
  readonly aliases: readonly string[];
  /** The environment variable that gives the value when no flag does (see `boolFlag` for its own rule). */
  readonly env: string | undefined;
  /** Why the flag is accepted but has no effect; undefined for the others. */
  readonly deprecated: string | undefined;
  /** The text that a bare `--flag` stands for; undefined where a value is needed. */
  readonly bare: string | undefined;
  /** How several values become one. */
  readonly repeat: 'last' | 'append';
  /** The value of `text`, or undefined if it is not allowed. */
  read(text: string): T | undefined;
}

interface CommonOptions<T> {
  readonly default: T;
  readonly help: string;
  readonly env?: string;
  readonly aliases?: readonly string[];
  readonly deprecated?: string;
}

type Kind<T> = Pick<FlagSpec<T>, 'placeholder' | 'allowed' | 'defaultText' | 'read'> &
  Partial<Pick<FlagSpec<T>, 'bare' | 'repeat'>>;

function flag<T>(options: CommonOptions<T>, kind: Kind<T>): FlagSpec<T> {
  return {
    bare: undefined,
    repeat: 'last',
    ...kind,
    default: options.default,
    help: options.help,
    aliases: options.aliases ?? [],
    env: options.env,
    deprecated: options.deprecated,
  };
}

/** A text; with `oneOf`, one of these and typed as such. */
export function stringFlag<const T extends string>(
  options: CommonOptions<NoInfer<T>> & { readonly oneOf: readonly T[] },
): FlagSpec<T>;
export function stringFlag(options: CommonOptions<string>): FlagSpec<string>;
export function stringFlag(options: CommonOptions<string> & { readonly oneOf?: readonly string[] }): FlagSpec<string> {
  const { oneOf } = options;
  return flag(options, {
    placeholder: oneOf?.join('|') ?? 'string',
    allowed: oneOf === undefined ? 'a text' : `one of ${oneOf.join(', ')}`,
    defaultText: options.default,
    read: (text) => (oneOf === undefined || oneOf.includes(text) ? text : undefined),
  });
}

/** A whole number from `min` to `max`, both included. */
export function intFlag(
  options: CommonOptions<number> & { readonly min?: number; readonly max?: number },
): FlagSpec<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
  const ends = [options.min === undefined ? '' : ` from ${min}`, options.max === undefined ? '' : ` up to ${max}`];
  return flag(options, {
    placeholder: 'int',
    allowed: `a whole number${ends.join('')}`,
    defaultText: String(options.default),
    read: (text) => {
      const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
  });
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  ...{ '1': true, t: true, T: true, true: true, TRUE: true, True: true },
  ...{ '0': false, f: false, F: false, false: false, FALSE: false, False: false },
};

/** True or false, in Go's spellings; bare means true. A true in `env` counts even if the flag says false, as in 1.8.17. */
export function boolFlag(options: CommonOptions<boolean>): FlagSpec<boolean> {
  return flag(options, {
    placeholder: 'bool',
    allowed: 'true or false',
    defaultText: String(options.default),
    bare: 'true',
    read: (text) => (Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined),
  });
}

/** A duration in Go's syntax; its value, default and bounds are in milliseconds. */
export function durationFlag(
  options: CommonOptions<number> & { readonly minMs?: number; readonly maxMs?: number },
): FlagSpec<number> {
  const { minMs = 0, maxMs = Number.MAX_SAFE_INTEGER } = options;
  const upTo = options.maxMs === undefined ? '' : ` up to ${formatDuration(maxMs)}`;
  return flag(options, {
    placeholder: 'duration',
    allowed: `a duration such as 1m30s, from ${formatDuration(minMs)}${upTo}`,
    defaultText: formatDuration(options.default),
    read: (text) => {
      const value = parseDuration(text) ?? Number.NaN;
      return value >= minMs && value <= maxMs ? value : undefined;
    },
  });
}

/** Texts with commas between them; several flags add up. Empty ones are dropped. */
export function listFlag(options: CommonOptions<readonly string[]>): FlagSpec<readonly string[]> {
  return flag(options, {
    placeholder: 'a,b,...',
    allowed: 'a list with commas',
    defaultText: options.default.join(','),
    repeat: 'append',
    read: (text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
  });
}
