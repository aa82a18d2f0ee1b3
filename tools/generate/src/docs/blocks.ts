import type { Page } from './pages.ts';

/** A fenced block of a page: three backticks, the language, then marks, as in `sh cluster`. */
export interface Block {
  readonly page: string;
  /** Line of its opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly marks: readonly string[];
  readonly text: string;
}

const FENCE = /^( *)```([^`]*)$/;

/** The fenced blocks of a page, in their order. @throws an Error that names a block without an end */
export function blocksOf({ path, text }: Page): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', info] = FENCE.exec(lines[at] ?? '') ?? [];
    if (info === undefined) continue;
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    if (end === -1) throw new Error(`${path}:${at + 1}: a block without an end`);
    const [language = '', ...marks] = info.trim().split(/ +/);
    const own = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
    blocks.push({ page: path, line: at + 1, language, marks, text: own.join('\n') });
    at = end;
  }
  return blocks;
}

/** The page with its fenced blocks blanked, so that line numbers stay. */
export function proseOf({ text }: Page): string {
  let inside = false;
  const lines = text.split('\n').map((line) => {
    const fence = FENCE.test(line);
    if (fence) inside = !inside;
    return fence || inside ? '' : line;
  });
  return lines.join('\n');
}

/** The code that stands within sentences and tables. */
export function inlineCode(page: Page): { readonly line: number; readonly code: string }[] {
  return proseOf(page)
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => ({ line: index + 1, code: code.replaceAll('\\|', '|') })),
    );
}
