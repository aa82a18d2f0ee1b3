import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const APPS = join(import.meta.dirname, '../../../apps');

/** The flags of node with which the image of a program runs it. Code that was compiled ahead fits these only. */
export function imageFlags(app: string): string[] {
  const dockerfile = readFileSync(join(APPS, app, 'Dockerfile'), 'utf8');
  const entrypoint = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]';
  return (JSON.parse(entrypoint) as string[]).filter((argument) => argument.startsWith('--'));
}
