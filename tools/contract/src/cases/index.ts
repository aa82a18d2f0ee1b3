import type { Cases } from '../suite.ts';
import { applies } from './apply.ts';
import { client } from './client.ts';
import { clientLoops } from './client-loops.ts';
import { crdRules } from './crd-rules.ts';
import { crds } from './crds.ts';
import { creates } from './creates.ts';
import { customResources } from './custom-resources.ts';
import { customTables } from './custom-tables.ts';
import { customWrites } from './custom-writes.ts';
import { deletes } from './deletes.ts';
import { discovery } from './discovery.ts';
import { events } from './events.ts';
import { kinds } from './kinds.ts';
import { listOptions } from './list-options.ts';
import { lists } from './lists.ts';
import { names } from './names.ts';
import { namespaces } from './namespaces.ts';
import { options } from './options.ts';
import { ours } from './ours.ts';
import { ourSpellings } from './our-spellings.ts';
import { patches } from './patches.ts';
import { pods } from './pods.ts';
import { protocol } from './protocol.ts';
import { schemas } from './schemas.ts';
import { selectors } from './selectors.ts';
import { strategicPatches } from './strategic-patches.ts';
import { tables } from './tables.ts';
import { tokens } from './tokens.ts';
import { updates } from './updates.ts';
import { watches } from './watches.ts';

/** Every part of the contract. */
export const GROUPS: Readonly<Record<string, Cases>> = {
  creates,
  'names and labels': names,
  updates,
  patches,
  'strategic patches': strategicPatches,
  'server-side apply': applies,
  deletions: deletes,
  'dry run and field validation': options,
  lists,
  'options of lists': listOptions,
  watches,
  selectors,
  namespaces,
  events,
  pods,
  'other built-in kinds': kinds,
  tokens,
  CRDs: crds,
  'rules for CRDs': crdRules,
  'custom resources': customResources,
  'writes of custom resources': customWrites,
  'schemas of custom resources': schemas,
  tables,
  'tables of custom resources': customTables,
  protocol,
  discovery,
  'our own kinds': ours,
  'our own kinds in other spellings': ourSpellings,
  'the client': client,
  'what the client keeps up': clientLoops,
};
