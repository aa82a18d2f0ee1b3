import { dirname, join } from 'node:path';
import { proseOf } from './blocks.ts';
import type { Page } from './pages.ts';

/** A link of a page to another place of the workspace: a path from the root, and an anchor or nothing. */
export interface Link {
  readonly line: number;
  readonly path: string;
  readonly anchor: string;
}

const withoutCode = (line: string): string => line.replaceAll(/`[^`]*`/g, (code) => code.replaceAll(/[[\]()]/g, ' '));

/** The links of a page but for those to other sites; images count as links. */
export function linksOf(page: Page): Link[] {
  const lines = proseOf(page).split('\n').map(withoutCode);
  return lines.flatMap((line, index) =>
    [...line.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => {
        const [path = '', anchor = ''] = target.split('#');
        const whole = path === '' ? page.path : join(dirname(page.path), path);
        return { line: index + 1, path: whole.replace(/\/$/, '') || '.', anchor };
      }),
  );
}

/** The name by which GitHub links to a heading. */
const slug = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

/** The anchors of a page: its headings; one that repeats gets a number. */
export function anchorsOf(page: Page): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const headings = [...proseOf(page).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => slug(heading));
  return new Set(
    headings.map((name) => {
      const before = seen.get(name) ?? 0;
      seen.set(name, before + 1);
      return before === 0 ? name : `${name}-${before}`;
    }),
  );
}
