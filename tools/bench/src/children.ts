import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface Child {
  readonly process: ChildProcess;
  /** The next thing that the child sends. @throws when it ends without having sent anything. */
  message(): Promise<unknown>;
  /** Ends the child at once and waits for that. */
  end(): Promise<void>;
}

/** Starts `file` as a Node process that gets `settings` as JSON in its first argument. It is killed with `signal`. */
export function startChild(file: string, settings: object, nodeFlags: readonly string[], signal: AbortSignal): Child {
  const child = fork(file, [JSON.stringify(settings)], {
    ...{ execArgv: [...nodeFlags], signal, killSignal: 'SIGKILL', stdio: 'inherit' },
    env: { ...process.env, NODE_EXTRA_CA_CERTS: '', NODE_OPTIONS: '' },
  });
  const exited = once(child, 'exit').then(() => undefined);
  const failed = once(child, 'error').then(([error]) => {
    throw error;
  });
  failed.catch(() => undefined);
  exited.catch(() => undefined);
  return {
    process: child,
    message: async () => {
      const early = exited.then(() => {
        throw new Error(`${file} has ended early`);
      });
      const [message] = (await Promise.race([once(child, 'message'), early, failed])) as unknown[];
      return message;
    },
    end: async () => {
      child.kill('SIGKILL');
      await Promise.race([exited, failed]);
    },
  };
}

/** Asks a child that answers each request, which it gets with a number `id`, by `{ id, value }`. */
export function askingOf({ process: child }: Child): (request: object) => Promise<unknown> {
  const waiting = new Map<number, (value: unknown) => void>();
  let last = 0;
  child.on('message', ({ id, value }: { id: number; value: unknown }) => {
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  return (request) =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      child.send({ id: last, ...request });
    });
}
