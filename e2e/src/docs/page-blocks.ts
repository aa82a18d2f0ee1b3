import { join } from 'node:path';
import {
  type Block,
  blocksOf,
  inlineCode,
  isCommand,
  kindOf,
  markOf,
  type Page,
  type Place,
  readPages,
  showsOutput,
} from '@aad-pod-identity/generate/docs';
import type { PageShell, Ran } from './page-shell.ts';

const root = join(import.meta.dirname, '../../..');
const pages = readPages(root);

/** A block that is to be run, and what the page shows of its output. */
export interface Runnable {
  readonly at: string;
  readonly block: Block;
  readonly shown: string | undefined;
}

const WITH_SHELL: readonly string[] = ['sh', 'yaml'];

function runnablesOf(page: Page, place: Place): Runnable[] {
  const blocks = blocksOf(page);
  const all = blocks.map((block, index) => ({ block, next: blocks[index + 1] }));
  // values of a page are rendered where its commands run
  const mine = all.filter(({ block }) => {
    return kindOf(block) === place || (place === 'cluster' && kindOf(block) === 'values');
  });
  return mine
    .filter(({ block }) => WITH_SHELL.includes(block.language))
    .map(({ block, next }) => ({
      ...{ at: `${block.page}:${block.line}`, block },
      shown: next !== undefined && kindOf(next) === 'output' ? next.text : undefined,
    }));
}

/** The blocks of one place, in the order of the pages and of each page. @throws an Error that names a page with such blocks that is not listed */
export function runnables(place: Place, order: readonly string[]): Runnable[] {
  const found = new Map(pages.map((page) => [page.path, runnablesOf(page, place)]));
  const forgotten = [...found].filter(([path, own]) => own.length > 0 && !order.includes(path)).map(([path]) => path);
  if (forgotten.length > 0) throw new Error(`blocks of ${place} in pages that are not run: ${forgotten.join(', ')}`);
  return order.flatMap((path) => found.get(path) ?? []);
}

/** Commands within sentences of any page, each once. */
export function inSentences(wanted: (command: string) => boolean): string[] {
  const codes = pages.flatMap((page) => inlineCode(page).map(({ code }) => code));
  return [...new Set(codes.filter(isCommand).filter(wanted))];
}

const APPLY = (name: string): string => `kubectl apply -f ${name}`;
const RENDER = (name: string): string =>
  `helm template check charts/aad-pod-identity --set image.repository=<registry>/<folder> --values ${name}`;

/** Runs a block as what it is: commands as a script, manifests with kubectl, values with helm. */
export async function runBlock(shell: PageShell, { block }: Runnable): Promise<Ran> {
  if (block.language === 'sh') return shell.run(block.text);
  const name = markOf(block, 'file') ?? 'block.yaml';
  shell.write(name, block.text);
  return shell.run(kindOf(block) === 'values' ? RENDER(name) : APPLY(name));
}

/** What is wrong with the outcome of a block; empty if nothing is. */
export function problemOf({ shown }: Runnable, { code, stdout, stderr }: Ran): string {
  if (code !== 0) return `exit code ${String(code)}: ${stderr || stdout}`;
  if (shown === undefined || showsOutput(shown, stdout)) return '';
  return `the page shows\n${shown}\nand it printed\n${stdout}`;
}
