import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askingOf, startChild } from '../children.ts';
import type { AzureActions, AzureReady } from './protocol.ts';

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'azure.ts');

export interface RemoteAzure {
  readonly ready: AzureReady;
  readonly tell: <Action extends keyof AzureActions>(action: Action, more: AzureActions[Action]) => Promise<unknown>;
  readonly end: () => Promise<void>;
}

/** Starts the simulated Azure in a process of its own. */
export async function startAzure(signal: AbortSignal): Promise<RemoteAzure> {
  const child = startChild(PROGRAM, {}, [], signal);
  const ready = (await child.message()) as AzureReady;
  const ask = askingOf(child);
  const tell: RemoteAzure['tell'] = (action, more) => ask({ action, ...more });
  return { ready, tell, end: () => child.end() };
}
