import { OPERATIONS, type Scope, type ServiceName } from './faults.ts';
import type { AzureSimulator } from './simulator.ts';
import type { Breakage } from './state.ts';

/** The request cannot be understood; the message says what is allowed. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

type Fields = Readonly<Record<string, unknown>>;
type Action = (azure: AzureSimulator, fields: Fields) => void | Promise<void>;

const SERVICES = ['imds', 'entra', 'arm'] as const;
const SCOPES: readonly Scope[] = [...SERVICES, ...OPERATIONS];
const BREAKAGES: readonly Breakage[] = ['missing', 'forbidden', 'invalid'];

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new ControlError(`${name} must be a text`);
}

function oneOf<T extends string>(fields: Fields, name: string, allowed: readonly T[]): T {
  const value = text(fields, name);
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new ControlError(`${name} must be one of ${allowed.join(', ')}`);
}

function count(fields: Fields, name: string, otherwise: number): number {
  const value = fields[name] ?? otherwise;
  if (typeof value === 'number' && value >= 0) return value;
  throw new ControlError(`${name} must be a number, 0 or more`);
}

const optionalText = (fields: Fields, name: string): Readonly<Record<string, string>> =>
  fields[name] === undefined ? {} : { [name]: text(fields, name) };

const scope = (fields: Fields): Scope => oneOf(fields, 'scope', SCOPES);
const service = (fields: Fields): ServiceName => oneOf(fields, 'service', SERVICES);

function throttle({ control }: AzureSimulator, fields: Fields): void {
  const { retryAfter } = fields;
  const known = typeof retryAfter === 'number' || typeof retryAfter === 'string' ? { retryAfter } : {};
  control.throttle(scope(fields), count(fields, 'times', 1), { ...known, ...optionalText(fields, 'match') });
}

function failNext({ control }: AzureSimulator, fields: Fields): void {
  const details = { ...optionalText(fields, 'code'), ...optionalText(fields, 'message') };
  const options = { times: count(fields, 'times', 1), ...optionalText(fields, 'match') };
  control.failNext(scope(fields), { kind: 'status', status: count(fields, 'status', 500), ...details }, options);
}

/** What can be asked for, by name. */
const ACTIONS: Readonly<Record<string, Action>> = {
  breakIdentity: ({ control }, fields) => {
    const breakage = fields.breakage === undefined ? 'missing' : oneOf(fields, 'breakage', BREAKAGES);
    control.breakIdentity(text(fields, 'id'), breakage);
  },
  mendIdentity: ({ control }, fields) => {
    control.mendIdentity(text(fields, 'id'));
  },
  recreateIdentity: ({ state }, fields) => {
    state.recreateIdentity(text(fields, 'id'));
  },
  stopService: ({ control }, fields) => control.stop(service(fields)),
  startService: ({ control }, fields) => control.start(service(fields)),
  latency: ({ control }, fields) => {
    control.latency(scope(fields), count(fields, 'ms', 0));
  },
  armDelay: ({ control }, fields) => {
    control.arm.updateMs = count(fields, 'ms', 0);
  },
  hang: ({ control }, fields) => {
    control.hang(scope(fields), { times: count(fields, 'times', Infinity), ...optionalText(fields, 'match') });
  },
  deny: ({ control }, fields) => {
    control.deny(text(fields, 'resource'), fields.denied !== false);
  },
  throttle,
  failNext,
  reset: ({ control }) => control.reset(),
};

/** @throws ControlError */
export async function act(azure: AzureSimulator, fields: Fields): Promise<void> {
  const { action } = fields;
  const run = typeof action === 'string' && Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (run === undefined) throw new ControlError(`action must be one of ${Object.keys(ACTIONS).join(', ')}`);
  await run(azure, fields);
}
