import { inParallel, type World } from './world.ts';

export interface Size {
  readonly pods: number;
  readonly nodes: number;
  readonly scaleSets: number;
  readonly identities: number;
}

/** A cluster without MIC. Pods are spread evenly over the nodes, and each is bound to one identity. */
export interface Filled {
  readonly machines: readonly string[];
  readonly identities: readonly string[];
  readonly nodeOf: (nth: number) => string;
  readonly labelOf: (nth: number) => string;
}

export async function fill(world: World, size: Size): Promise<Filled> {
  const perSet = Math.ceil(size.nodes / size.scaleSets);
  const machines: string[] = [];
  for (let set = 0; set < size.scaleSets; set++) machines.push(await world.scaleSet(`set-${set}`, perSet));
  const identities: string[] = [];
  for (let nth = 0; nth < size.identities; nth++) identities.push(await world.identity(`id-${nth}`));
  const nodeOf = (nth: number): string => `set-${nth % size.scaleSets}-${Math.floor(nth / size.scaleSets) % perSet}`;
  const labelOf = (nth: number): string => `id-${Math.floor(nth / size.scaleSets) % size.identities}`;
  await inParallel(size.pods, 50, (nth) => world.pod(`pod-${nth}`, nodeOf(nth), labelOf(nth)));
  return { machines, identities, nodeOf, labelOf };
}
