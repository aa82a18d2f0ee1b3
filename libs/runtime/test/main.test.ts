import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('programs/obedient.ts', import.meta.url));

async function run(behaviour: string, signal?: NodeJS.Signals): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [program, behaviour], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  if (signal !== undefined) {
    await once(child.stdout, 'data');
    child.kill(signal);
  }
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

describe('runMain', () => {
  it.each<[sentence: string, behaviour: string, code: number, stderr: string]>([
    ['ends with 0 when the program ends', 'end', 0, ''],
    [
      'ends with 2 and one line when it was called wrongly',
      'usage',
      2,
      'obedient: --port: "x" is not a whole number\n',
    ],
    ['ends with 1 and one line, cause included, when it fails', 'fail', 1, 'obedient: cannot start: two lines\n'],
    ['prints no secret', 'leak', 1, 'obedient: refused: client_secret=##### REDACTED #####\n'],
    ['ends with 1 when a rejection is handled nowhere', 'unhandled', 1, 'obedient: forgotten\n'],
  ])('%s', async (_, behaviour, code, stderr) => {
    expect(await run(behaviour)).toEqual({ code, stderr });
  });

  it.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])('stops the program on %s and ends with 0', async (signal) => {
    expect(await run('wait', signal)).toEqual({ code: 0, stderr: '' });
  });
});
