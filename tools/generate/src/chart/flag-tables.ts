import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the generator needs to know of a program's flags. */
export type FlagTable = Readonly<Record<string, { readonly placeholder: string } | undefined>>;

/** Where each program declares its flags, and under which name. */
const DECLARED = {
  mic: ['apps/mic/src/flags.ts', 'FLAGS'],
  nmi: ['apps/nmi/src/flags.ts', 'flags'],
} as const;

export function isFlagTable(value: unknown): value is FlagTable {
  return typeof value === 'object' && value !== null && Object.values(value).every((row) => typeof row === 'object');
}

/** The declarations that the programs themselves parse their flags with. A tool imports no program, so they are loaded. */
export async function loadFlagTables(root: string): Promise<Readonly<Record<keyof typeof DECLARED, FlagTable>>> {
  const load = async (name: keyof typeof DECLARED): Promise<FlagTable> => {
    const [file, exported] = DECLARED[name];
    const module = (await import(pathToFileURL(join(root, file)).href)) as Record<string, unknown>;
    const table = module[exported];
    if (!isFlagTable(table)) throw new Error(`${file} declares no ${exported}`);
    return table;
  };
  return { mic: await load('mic'), nmi: await load('nmi') };
}
