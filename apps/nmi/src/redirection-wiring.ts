import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger, Metrics } from '@aad-pod-identity/telemetry';
import type { Flags } from './flags.ts';
import { dropConnections, systemConntrack } from './redirection/conntrack.ts';
import { systemIptables } from './redirection/iptables.ts';
import { iptablesRedirection, noRedirection, type Redirection } from './redirection/keeper.ts';

export function wireRedirection(flags: Flags, clock: Clock, logger: Logger, metrics: Metrics): Redirection {
  if (flags.redirection === 'none') return noRedirection(logger);
  const repairs = metrics.counter({
    name: 'nmi_redirection_repairs_count',
    help: 'How often the redirection rules had to be written.',
  });
  const target = {
    metadataIp: flags['metadata-ip'],
    metadataPort: flags['metadata-port'],
    listenAddress: flags['nmi-listen-address'],
    port: flags['nmi-port'],
  };
  return iptablesRedirection({
    target,
    intervalMs: flags['ipt-update-interval-sec'] * 1000,
    runIptables: systemIptables,
    dropConnections: dropConnections(systemConntrack, target, logger),
    alwaysDropAtStart: flags['enable-conntrack-deletion'],
    clock,
    logger,
    onRepair: () => {
      repairs.inc();
    },
  });
}
