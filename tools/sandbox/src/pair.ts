import type { Clock } from '@aad-pod-identity/runtime';
import type { Command } from './child.ts';
import { supervise, type Supervised } from './supervisor.ts';

export type Program = 'mic' | 'nmi';

type EachProgram<T> = Readonly<Record<Program, T>>;

/** MIC and NMI, kept running. */
export interface Pair {
  readonly commands: EachProgram<Command>;
  readonly programs: EachProgram<Supervised>;
  /** Tells of each start and end. */
  subscribe(listener: (program: Program) => void): () => void;
}

export function startPair(commands: EachProgram<Command>, clock: Clock): Pair {
  const listeners = new Set<(program: Program) => void>();
  const start = (program: Program) =>
    supervise(commands[program], clock, () => {
      for (const listener of listeners) listener(program);
    });
  return {
    commands,
    programs: { nmi: start('nmi'), mic: start('mic') },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
