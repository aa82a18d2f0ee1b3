import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ARGUMENTS, argumentsTemplate, type Container } from '../src/chart/arguments.ts';
import { loadFlagTables } from '../src/chart/flag-tables.ts';
import { chartReadme } from '../src/chart/readme.ts';
import { readValues } from '../src/chart/values-file.ts';
import { VALUE_SCHEMAS, valuesSchema } from '../src/chart/values-schema.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const rows = readValues(readFileSync(`${ROOT}/charts/aad-pod-identity/values.yaml`, 'utf8'));
const paths = rows.map(({ path }) => path);

describe('the values of the chart', () => {
  it('each say what they mean', () => {
    expect(rows.filter(({ help }) => !/[.)]$/.test(help))).toEqual([]);
  });

  it('and the schema are the same set', () => {
    expect(Object.keys(VALUE_SCHEMAS).sort()).toEqual([...paths].sort());
  });

  it('take nothing that is not named', () => {
    interface Part {
      readonly properties?: Readonly<Record<string, Part>>;
      readonly additionalProperties?: unknown;
    }
    const open: string[] = [];
    const look = ({ properties = {} }: Part, path: string): void => {
      for (const [name, inner] of Object.entries(properties)) {
        if (inner.properties !== undefined && inner.additionalProperties !== false) open.push(`${path}.${name}`);
        look(inner, `${path}.${name}`);
      }
    };
    const schema = JSON.parse(valuesSchema(rows)) as Part;
    expect(schema.additionalProperties).toBe(false);
    look(schema, '');
    expect(open).toEqual([]);
  });

  it('that nothing says the kind of are refused by the generator', () => {
    expect(() => valuesSchema([...rows, { path: 'mic.colour', default: '', help: 'A colour.' }])).toThrow(
      'nothing says what mic.colour of values.yaml may be',
    );
    expect(() => valuesSchema(rows.slice(1))).toThrow('values.yaml has no nameOverride');
  });

  it('without a comment are refused by the generator', () => {
    expect(() => readValues('mic:\n  # A colour.\n  colour: red\n  shape: round\n')).toThrow(
      'mic.shape has no comment',
    );
  });

  it('are all in the README', () => {
    const readme = chartReadme(rows);
    for (const path of paths) expect(readme).toContain(`| \`${path}\` |`);
  });
});

describe.each(Object.keys(ARGUMENTS) as Container[])('the arguments of %s', (container) => {
  it('come from values that are there', () => {
    expect(Object.values(ARGUMENTS[container]).filter((path) => !paths.includes(path))).toEqual([]);
  });

  it('are flags of the program', async () => {
    expect(argumentsTemplate(await loadFlagTables(ROOT))).toContain(`define "aad-pod-identity.${container}.flags"`);
  });

  it('that the program does not know are refused by the generator', async () => {
    const tables = { ...(await loadFlagTables(ROOT)), [container]: {} };
    expect(() => argumentsTemplate(tables)).toThrow(new RegExp(`${container} has no flag --`));
  });
});
