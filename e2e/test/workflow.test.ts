import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const workflows = join(import.meta.dirname, '../../.github/workflows');

const actionlint = (file: string) => run(process.env.E2E_ACTIONLINT ?? 'actionlint', ['-no-color', file]);

it.each(['ci.yml', 'release.yml'])('%s has nothing that actionlint objects to', async (name) => {
  expect((await actionlint(join(workflows, name))).stdout).toBe('');
});

it('actionlint would object to an unknown key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'workflow-'));
  const broken = join(folder, 'broken.yml');
  await writeFile(broken, (await readFile(join(workflows, 'ci.yml'), 'utf8')).replace('runs-on:', 'runs-where:'));
  await expect(actionlint(broken)).rejects.toMatchObject({ stdout: expect.stringContaining('runs-where') as string });
  await rm(folder, { recursive: true });
});
