export { azureProblems } from './azure-cli.ts';
export { type Block, blocksOf, inlineCode } from './blocks.ts';
export { commandsOf, isCommand, wordsOf } from './commands.ts';
export { isPlace, kindOf, markOf, type Place, PLACES } from './kinds.ts';
export { type Page, readPages } from './pages.ts';
export { fill, PLACEHOLDERS, VARIABLES } from './placeholders.ts';
