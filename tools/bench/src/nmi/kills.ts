import { systemClock } from '@aad-pod-identity/runtime';
import type { Load } from './load.ts';
import { type Bundle, startNmi } from './program.ts';
import type { WorldReady } from './protocol.ts';
import { firstToken, keepAlive } from './scenarios.ts';

const KILLS = 10;
const STEP_MS = 37;

/** NMI is killed while it serves, at moments that it does not choose; milliseconds from each start after to a token. */
export async function startsAfterKills(bundle: Bundle, world: WorldReady, load: Load): Promise<readonly number[]> {
  const times: number[] = [];
  for (let kill = 0; kill <= KILLS; kill++) {
    const nmi = await startNmi(bundle, world);
    times.push(await firstToken(nmi, load.addresses[kill % load.addresses.length] ?? ''));
    const over = new AbortController();
    const signal = AbortSignal.any([load.signal, over.signal]);
    const served = keepAlive({ ...load, port: nmi.port, signal }, 60);
    await systemClock.sleep(kill * STEP_MS);
    await nmi.end();
    over.abort();
    await served;
  }
  return times.slice(1);
}
