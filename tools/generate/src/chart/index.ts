export { loadFlagTables } from './flag-tables.ts';
export { parseObjects, renderChart, renderText, type Rendered, type RenderOptions } from './render.ts';
