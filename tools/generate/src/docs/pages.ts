import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A page of the documentation: its path in the workspace, and its text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

const PAGES = ['README.md', 'CONTRIBUTING.md', 'docs/**/*.md', 'charts/*/README.md', 'examples/README.md'].concat(
  'tools/*/README.md',
);

/** Every page that users or contributors read, by path; `root` is the workspace's. */
export function readPages(root: string): Page[] {
  const paths = PAGES.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}
