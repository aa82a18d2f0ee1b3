import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../children.ts';
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
  const waiting = new Map<number, (value: unknown) => void>();
  let last = 0;
  child.process.on('message', ({ id, value }: { id: number; value: unknown }) => {
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  const tell: RemoteAzure['tell'] = (action, more) =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      child.process.send({ id: last, action, ...more });
    });
  return { ready, tell, end: () => child.end() };
}
