import type { Cases } from '../suite.ts';
import { applies } from './apply.ts';
import { crds } from './crds.ts';
import { client } from './client.ts';
import { creates } from './creates.ts';
import { customResources } from './custom-resources.ts';
import { deletes } from './deletes.ts';
import { kinds } from './kinds.ts';
import { lists } from './lists.ts';
import { namespaces } from './namespaces.ts';
import { options } from './options.ts';
import { ours } from './ours.ts';
import { patches } from './patches.ts';
import { protocol } from './protocol.ts';
import { selectors } from './selectors.ts';
import { tables } from './tables.ts';
import { tokens } from './tokens.ts';
import { updates } from './updates.ts';
import { watches } from './watches.ts';

/** Every part of the contract. */
export const GROUPS: Readonly<Record<string, Cases>> = {
  creates,
  updates,
  patches,
  applies,
  deletes,
  options,
  lists,
  watches,
  selectors,
  namespaces,
  kinds,
  tokens,
  crds,
  'custom resources': customResources,
  tables,
  protocol,
  'our own kinds': ours,
  'the client': client,
};
