import { readFile } from 'node:fs/promises';
import type { IptablesRunner } from './iptables.ts';

/** Rules of the two back-ends do not see each other: ours belong where the node's other rules are. */
export const BACK_ENDS = ['nft', 'legacy'] as const;
export type BackEnd = (typeof BACK_ENDS)[number];

export interface BackEndOptions {
  readonly run: IptablesRunner;
  readonly family: 4 | 6;
  /** Names of the tables that the legacy back-end has in this network namespace; looking at others would create them. */
  readonly legacyTables: () => Promise<string>;
}

/** Chains that the kubelet makes in `mangle` for others to see which back-end it uses. */
const HINT = /^:KUBE-(IPTABLES-HINT|KUBELET-CANARY) /m;

const LEGACY_TABLES = { 4: '/proc/net/ip_tables_names', 6: '/proc/net/ip6_tables_names' };

/** Empty where the kernel does not tell. */
export function systemLegacyTables(family: 4 | 6): Promise<string> {
  return readFile(LEGACY_TABLES[family], 'utf8').catch(() => '');
}

export function programOf(backEnd: BackEnd | undefined, family: 4 | 6): string {
  const plain = family === 6 ? 'ip6tables' : 'iptables';
  return backEnd === undefined ? plain : `${plain}-${backEnd}`;
}

async function hasHint(backEnd: BackEnd, { run, family, legacyTables }: BackEndOptions): Promise<boolean> {
  if (backEnd === 'legacy' && !(await legacyTables()).split('\n').includes('mangle')) return false;
  const saved = await run(`${programOf(backEnd, family)}-save`, ['-t', 'mangle']).catch(() => undefined);
  return saved?.code === 0 && HINT.test(saved.stdout);
}

/** The back-end that the kubelet of this node uses; undefined where it left no sign: then the machine's default is used. */
export async function detectBackEnd(options: BackEndOptions): Promise<BackEnd | undefined> {
  for (const backEnd of BACK_ENDS) if (await hasHint(backEnd, options)) return backEnd;
  return undefined;
}
