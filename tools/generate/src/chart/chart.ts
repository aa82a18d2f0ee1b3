import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argumentsTemplate } from './arguments.ts';
import { loadFlagTables } from './flag-tables.ts';
import { configurationPage } from './configuration.ts';
import { chartReadme } from './readme.ts';
import { readValues } from './values-file.ts';
import { valuesSchema } from './values-schema.ts';

const CHART = 'charts/aad-pod-identity';

/** What of the chart is made from its values and the programs' flags: path from the workspace root -> content. */
export async function chartFiles(root: string): Promise<ReadonlyMap<string, string>> {
  const values = readFileSync(join(root, CHART, 'values.yaml'), 'utf8');
  const rows = readValues(values);
  return new Map([
    [`${CHART}/templates/_flags.tpl`, argumentsTemplate(await loadFlagTables(root))],
    [`${CHART}/values.schema.json`, valuesSchema(rows)],
    [`${CHART}/README.md`, chartReadme(rows)],
    [`${CHART}/files/defaults.yaml`, values],
    ['docs/configuration.md', configurationPage()],
  ]);
}
