import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

export interface Launch {
  readonly command: readonly string[];
  /** Where it writes itself down. */
  readonly record: string;
  readonly log: string;
}

/** It becomes its program only after its line of /proc stands whole in the record. */
const RECORD_AND_BECOME = 'cat "/proc/$$/stat" >"$0.new" && mv "$0.new" "$0" && exec "$@"';

/** By this variable a run of the test suite knows its own processes. */
export const RUN_MARK = 'E2E_RUN';

/** All else of the caller's shell could change what the components do. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', RUN_MARK];

export function componentEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  // Debian keeps what kubelet and the CNI plugins call in the folders of the administrator
  return { ...Object.fromEntries(entries), PATH: `${env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin` };
}

/** Starts a program that outlives this process. */
export async function launch({ command, record, log }: Launch): Promise<void> {
  const output = openSync(log, 'a');
  try {
    const child = spawn('/bin/sh', ['-c', RECORD_AND_BECOME, record, ...command], {
      cwd: '/',
      detached: true,
      env: componentEnvironment(process.env),
      stdio: ['ignore', output, output],
    });
    await once(child, 'spawn');
    child.unref();
  } finally {
    closeSync(output);
  }
}
