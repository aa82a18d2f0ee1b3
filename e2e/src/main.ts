/** `npm run e2e [-- jest arguments]`: brings what is missing on this machine, then runs the suite against the real tools. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runMain } from '@aad-pod-identity/runtime';
import { bringTools } from './tools.ts';

const root = join(import.meta.dirname, '../..');

runMain('e2e', async ({ argv, env }) => {
  const tools = await bringTools(env, (line) => process.stdout.write(`${line}\n`));
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, jest, '--config', join(root, 'e2e/jest.config.js'), ...argv], {
    cwd: root,
    env: { ...env, ...tools },
    stdio: 'inherit',
  });
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error('the suite has failures');
});
