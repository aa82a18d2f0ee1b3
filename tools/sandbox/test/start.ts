import { createWriteStream } from 'node:fs';
import { systemClock } from '@aad-pod-identity/runtime';
import { createLogger } from '@aad-pod-identity/telemetry';
import { createRunFolder } from '../src/run-folder.ts';
import { startSandbox } from '../src/sandbox.ts';

/** A whole sandbox in the test's own process, in a folder of its own. */
export async function startForTest({ armDelayMs = 0 }: { armDelayMs?: number } = {}) {
  const controller = new AbortController();
  const folder = createRunFolder('');
  const destination = createWriteStream(folder.log('sandbox'));
  const logger = createLogger({ format: 'text', verbosity: 0, name: 'sandbox', destination });
  const options = { folder, armDelayMs, real: false, clock: systemClock, logger, signal: controller.signal };
  const sandbox = await startSandbox({ ...options, onChange: () => undefined });
  const close = async () => {
    await sandbox.stop();
    destination.end();
    folder.end({ keepLogs: false });
  };
  return { sandbox, folder, controller, close };
}
