export { type Block, blocksOf, inlineCode } from './blocks.ts';
export { isCommand } from './commands.ts';
export { looksAtNode, looksOnly } from './elsewhere.ts';
export { kindOf, markOf, type Place } from './kinds.ts';
export { showsOutput } from './output.ts';
export { type Page, readPages } from './pages.ts';
export { fill, PLACEHOLDERS, VARIABLES } from './placeholders.ts';
