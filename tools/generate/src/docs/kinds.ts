import type { Block } from './blocks.ts';

/**
 * Where the commands of a block are run, and by whom:
 *
 * - `workspace`: in a clone, with Node alone; the table of `elsewhere.ts` names the test that runs each command
 * - `sandbox`: with kubectl against the sandbox, by e2e/test/docs.test.ts
 * - `cluster`: with helm and kubectl against a real API server, by e2e/test/docs.test.ts
 * - `node`: on a cluster with a real node, by e2e/test/node/docs.test.ts
 * - `azure`: nowhere, for they need Azure; their form is checked
 */
export const PLACES = ['workspace', 'sandbox', 'cluster', 'node', 'azure'] as const;
export type Place = (typeof PLACES)[number];

/** What a block of each language may be marked with; one of these, and further marks of the form `name=value`. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  sh: PLACES,
  // `cluster`: manifests, applied there. `values`: a values file of the chart, rendered.
  yaml: ['cluster', 'values'],
  // `output`: what the block before it prints. Without: a drawing, or help that is generated.
  text: ['output', ''],
};

export const isPlace = (word: string): word is Place => (PLACES as readonly string[]).includes(word);

/** The mark that says what a block is; empty if it has none. */
export const kindOf = ({ marks }: Block): string => marks.find((mark) => !mark.includes('=')) ?? '';

/** The value of a mark such as `file=team-a.yaml`, by which later commands find the block as a file. */
export function markOf({ marks }: Block, name: string): string | undefined {
  return marks.find((mark) => mark.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** What is wrong with the language and the marks of a block; undefined if nothing is. */
export function kindProblem(block: Block): string | undefined {
  const allowed = KINDS[block.language];
  if (allowed === undefined)
    return `language: found ${block.language || 'none'}, allowed are ${Object.keys(KINDS).join(', ')}`;
  const plain = block.marks.filter((mark) => !mark.includes('='));
  if (plain.length <= 1 && allowed.includes(kindOf(block))) return undefined;
  return `mark: found ${plain.join(' ') || 'none'}, allowed is one of ${allowed.filter((mark) => mark !== '').join(', ')}`;
}
