import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UNDICI_NAMES } from '../src/lean-imports.ts';

const root = join(import.meta.dirname, '../../..');
const sources = ['libs', 'apps'].flatMap((folder) => globSync(`${folder}/*/src/**/*.ts`, { cwd: root }));

/** What is imported from undici besides types. */
function importsOf(file: string): string[] {
  const [, names = ''] = /^import \{([^}]*)\} from 'undici';$/m.exec(readFileSync(join(root, file), 'utf8')) ?? [];
  return names.split(',').flatMap((name) => (/^\s*(?!type )\w+\s*$/.test(name) ? [name.trim()] : []));
}

const using = sources.filter((file) => !file.endsWith('.test.ts') && importsOf(file).length > 0);

it('some files import from undici', () => {
  expect(using).not.toEqual([]);
});

it.each(using)('what %s imports from undici is in the bundle', (file) => {
  expect(importsOf(file).filter((name) => !UNDICI_NAMES.has(name))).toEqual([]);
});
