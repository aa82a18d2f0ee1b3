import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { story } from '../src/story/story.ts';

const main = join(import.meta.dirname, '../src/main.ts');

async function sandbox(...flags: string[]) {
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code: child.exitCode };
}

it('the walk-through succeeds from the first step to the last', async () => {
  const { out, err, code } = await sandbox('--once');
  expect(err).toBe('');
  for (const { title } of story)
    expect(out).toMatch(new RegExp(`^${title.replaceAll('?', '\\?')} +ok +[\\d.]+ s$`, 'm'));
  expect(code).toBe(0);
}, 120_000);

const mistakes: Record<string, [flags: string[], err: RegExp]> = {
  'an unknown flag': [['--onse'], /^sandbox: unknown flag --onse; did you mean --once\?\n$/],
  'a port that cannot be': [['--port=70000'], /^sandbox: --port: "70000" is not a whole number from 0 up to 65535\n$/],
};

it.each(Object.entries(mistakes))('%s is one clear line', async (_sentence, [flags, err]) => {
  const result = await sandbox(...flags);
  expect(result.err).toMatch(err);
  expect(result.code).toBe(2);
});

it('a walk-through that is interrupted has not succeeded', async () => {
  const child = spawn(process.execPath, [main, '--once'], { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [err] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect([child.exitCode, err]).toEqual([1, 'sandbox: interrupted before the end of the walk-through\n']);
}, 30_000);

it('Ctrl-C while it starts ends everything, with code 0', async () => {
  const child = spawn(process.execPath, [main, '--port=0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [err] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect([child.exitCode, err]).toEqual([0, '']);
}, 30_000);
