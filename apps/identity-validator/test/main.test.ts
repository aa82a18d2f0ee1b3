import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const main = join(import.meta.dirname, '../src/main.ts');

async function run(...flags: string[]) {
  // a closed port of loopback stands for a metadata service that is not there
  const env = { ...process.env, AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:9' };
  const child = spawn(process.execPath, [main, ...flags], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code: child.exitCode };
}

const cases: Record<string, [flags: string[], code: number, out: RegExp, err: RegExp]> = {
  '--version prints name, version and commit': [['--version'], 0, /^identity-validator \S+ \S+\n$/, /^$/],
  '--help lists the flags': [['--help'], 0, /--identity-client-id string/, /^$/],
  'a bad port is one line that names the flag': [
    ['--port=x'],
    2,
    /^$/,
    /^identity-validator: --port: "x" is not .*\n$/,
  ],
  'a check in a place without metadata fails with one line, which says how far it came': [
    ['--check', '--timeout=1ms'],
    1,
    /^$/,
    /^identity-validator: [^\n]+; the metadata address refuses connections \(ECONNREFUSED\)[^\n]+\n$/,
  ],
};

it.each(Object.entries(cases))('%s', async (_sentence, [flags, code, out, err]) => {
  const result = await run(...flags);
  expect(result.out).toMatch(out);
  expect(result.err).toMatch(err);
  expect(result.code).toBe(code);
});
