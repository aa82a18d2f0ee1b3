import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const workflow = join(import.meta.dirname, '../../.github/workflows/ci.yml');

const actionlint = (file: string) => run(process.env.E2E_ACTIONLINT ?? 'actionlint', ['-no-color', file]);

it('the CI workflow has nothing that actionlint objects to', async () => {
  expect((await actionlint(workflow)).stdout).toBe('');
});

it('actionlint would object to an unknown key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'workflow-'));
  const broken = join(folder, 'broken.yml');
  await writeFile(broken, (await readFile(workflow, 'utf8')).replace('runs-on:', 'runs-where:'));
  await expect(actionlint(broken)).rejects.toMatchObject({ stdout: expect.stringContaining('runs-where') as string });
  await rm(folder, { recursive: true });
});
