import { AGE, row, table } from '../table-reads.ts';
import { done } from '../answers.ts';
import { CRDS, MERGE } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { matching } from '../values.ts';
import { installWidgets, sharedWidgets } from '../widgets.ts';

export const customTables: Cases = {
  'a CRD is told by when it was made': async (api) => {
    const { crd } = await sharedWidgets(api);
    const { columnDefinitions, rows } = await table(api, crd);
    expect(columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Created At']);
    expect(rows[0]?.cells).toEqual([crd.slice(CRDS.length + 1), matching(/^\d{4}-\d\d-\d\dT/)]);
  },
  'a custom resource is told by the columns of its CRD': async (api) => {
    const { path, widget } = await sharedWidgets(api);
    await done(api, `POST ${path}`, widget('w', { size: 4 }));
    const bare = await table(api, path);
    expect(bare.columnDefinitions.map(({ name, priority }) => [name, priority])).toEqual([
      ['Name', 0],
      ['Size', 0],
      ['Phase', 1],
      ['Ready', 0],
      ['Since', 0],
    ]);
    expect(bare.columnDefinitions).toMatchObject([
      { type: 'string', format: 'name' },
      { type: 'integer' },
      { description: 'How it is.' },
      { type: 'string' },
      { type: 'date' },
    ]);
    expect(bare.rows.map(({ cells }) => cells)).toEqual([['w', 4, null, null, AGE]]);
    const status = {
      phase: 'Good',
      conditions: [
        { type: 'Other', status: 'False' },
        { type: 'Ready', status: 'True' },
      ],
    };
    await done(api, `PATCH ${path}/w/status`, { status }, MERGE);
    expect((await table(api, path)).rows[0]?.cells).toEqual(['w', 4, 'Good', 'True', AGE]);
  },
  'a custom resource without columns is told by its name and age': async (api) => {
    const { path, widget } = await installWidgets(api, { additionalPrinterColumns: undefined });
    await done(api, `POST ${path}`, widget('w'));
    expect(await row(api, path)).toEqual({ Name: 'w', Age: AGE });
  },
};
