import { fileURLToPath } from 'node:url';
import { type Block, blocksOf } from '../../src/docs/blocks.ts';
import { kindOf } from '../../src/docs/kinds.ts';
import { readPages } from '../../src/docs/pages.ts';

export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
export const PAGES = readPages(ROOT);
export const BLOCKS = PAGES.flatMap(blocksOf);

/** `page:line` of each, and the block itself, as rows of a table of cases. */
export const rows = (wanted: (block: Block) => boolean): [string, Block][] =>
  BLOCKS.filter(wanted).map((block) => [`${block.page}:${block.line}`, block]);

export const isShell = (block: Block): boolean => block.language === 'sh';
export const isKind = (kind: string) => (block: Block) => kindOf(block) === kind;
