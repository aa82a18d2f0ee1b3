import type { Logger } from '@aad-pod-identity/telemetry';
import type { IptablesChains } from './iptables.ts';
import { ownedChains, type RedirectionTarget, repairs } from './rules.ts';

/**
 * Refuses pods whatever of the metadata address is not redirected, once, and touches no redirection: an NMI of 1.8.17 that
 * serves this node goes on, and when it ends and takes its own rules away, its pods reach nobody instead of the real
 * service. An NMI of ours finds the rules right, and keeps them so.
 * @throws IptablesError
 */
export async function closeMetadata(target: RedirectionTarget, chains: IptablesChains, logger: Logger): Promise<void> {
  for (const owned of ownedChains(target).filter(({ table }) => table === 'filter')) {
    const steps = repairs(owned, await chains.read(owned));
    if (steps.length > 0) await chains.apply(owned, steps);
    logger.info('the metadata address is closed to what is not redirected', { steps: steps.length });
  }
}
