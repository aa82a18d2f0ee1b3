export { deployFiles, PLACEHOLDER } from './deploy.ts';
export { loadFlagTables } from './flag-tables.ts';
export { parseObjects, renderChart, renderText, type Rendered, type RenderOptions } from './render.ts';
export { differences } from '../files.ts';
