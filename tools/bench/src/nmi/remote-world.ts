import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askingOf, startChild } from '../children.ts';
import type { WorldActions, WorldReady, WorldSettings } from './protocol.ts';

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'world.ts');

/** The simulated cluster and cloud, in a process of their own. */
export interface RemoteWorld {
  readonly ready: WorldReady;
  readonly tell: <Action extends keyof WorldActions>(action: Action, more: WorldActions[Action]) => Promise<unknown>;
  readonly tokenCalls: () => Promise<{ all: number; refused: number }>;
  readonly end: () => Promise<void>;
}

export async function startWorld(settings: WorldSettings, signal: AbortSignal): Promise<RemoteWorld> {
  const child = startChild(PROGRAM, settings, [], signal);
  const ready = (await child.message()) as WorldReady;
  const ask = askingOf(child);
  const tell: RemoteWorld['tell'] = (action, more) => ask({ action, ...more });
  return {
    ready,
    tell,
    tokenCalls: async () => (await tell('calls', {})) as { all: number; refused: number },
    end: () => child.end(),
  };
}
