import type { FlagTable, MainContext } from '@aad-pod-identity/runtime';

/** One thing that `npm run bench -- <name>` can measure. */
export interface Bench {
  readonly summary: string;
  readonly flags: FlagTable;
  /** Measures and prints a table. @throws when something could not be measured; never because of a slow figure. */
  run(context: MainContext): Promise<void>;
}
