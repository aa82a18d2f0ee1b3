import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger, Metrics } from '@aad-pod-identity/telemetry';
import type { Flags } from './flags.ts';
import { BACK_ENDS, type BackEnd, detectBackEnd, programOf, systemLegacyTables } from './redirection/back-end.ts';
import { closeMetadata } from './redirection/close.ts';
import { dropConnections, systemConntrack } from './redirection/conntrack.ts';
import { type IptablesChains, iptablesChains, systemIptables } from './redirection/iptables.ts';
import { iptablesRedirection, noRedirection, type Redirection } from './redirection/keeper.ts';
import { localnetProblem, systemLocalnet } from './redirection/localnet.ts';
import { familyOf, type RedirectionTarget } from './redirection/rules.ts';

/** Somebody who flushes the rules must not open the way for long, however rarely they are to be rewritten. */
const LONGEST_BLINDNESS_MS = 5_000;

export interface RedirectionWiring {
  readonly flags: Flags;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly isUninstalling: () => boolean;
}

/** The programs that this node's rules are written with. */
function wireChains(flags: Flags, family: 4 | 6, logger: Logger) {
  const wanted = flags['iptables-backend'];
  const legacyTables = (): Promise<string> => systemLegacyTables(family);
  const chainsOf = (backEnd: BackEnd | undefined) => iptablesChains(systemIptables, programOf(backEnd, family));
  let chosen: IptablesChains | undefined;
  return {
    async chains(): Promise<IptablesChains> {
      if (chosen !== undefined) return chosen;
      const backEnd =
        BACK_ENDS.find((each) => each === wanted) ??
        (await detectBackEnd({ run: systemIptables, family, legacyTables }));
      logger.info('iptables', { program: programOf(backEnd, family) });
      chosen = chainsOf(backEnd);
      return chosen;
    },
    /** Looking for rules of the legacy back-end would load it where it is not in use. */
    async allChains(): Promise<readonly IptablesChains[]> {
      const hasLegacy = (await legacyTables()).trim() !== '';
      return BACK_ENDS.filter((each) => each !== 'legacy' || hasLegacy).map(chainsOf);
    },
  };
}

const targetOf = (flags: Flags): RedirectionTarget => ({
  ...{ metadataIp: flags['metadata-ip'], metadataPort: flags['metadata-port'] },
  ...{ listenAddress: flags['nmi-listen-address'], port: flags['nmi-port'] },
});

/** What `--close-only` does. @throws IptablesError */
export async function closeNode(flags: Flags, logger: Logger): Promise<void> {
  const target = targetOf(flags);
  const found = wireChains(flags, familyOf(target), logger);
  await closeMetadata(target, await found.chains(), logger);
}

export function wireRedirection({ flags, clock, logger, metrics, isUninstalling }: RedirectionWiring): Redirection {
  if (flags.redirection === 'none') return noRedirection(logger);
  const repairs = metrics.counter({
    name: 'nmi_redirection_repairs_total',
    help: 'How often the redirection rules had to be written.',
  });
  const target = targetOf(flags);
  return iptablesRedirection({
    ...wireChains(flags, familyOf(target), logger),
    ...{ target, clock, logger, isUninstalling },
    intervalMs: Math.min(flags['ipt-update-interval-sec'] * 1000, LONGEST_BLINDNESS_MS),
    dropConnections: dropConnections(systemConntrack, target, logger),
    alwaysDropAtStart: flags['enable-conntrack-deletion'],
    obstacle: async () => localnetProblem(target.listenAddress, await systemLocalnet()),
    onRepair: () => {
      repairs.inc();
    },
  });
}
