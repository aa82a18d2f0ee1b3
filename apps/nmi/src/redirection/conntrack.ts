import { execFile } from 'node:child_process';
import type { Logger } from '@aad-pod-identity/telemetry';
import { familyOf, type RedirectionTarget } from './rules.ts';

/** Runs a program with these arguments; its exit code, or undefined if it cannot be run. */
export type ConntrackRunner = (args: readonly string[]) => Promise<number | undefined>;

const TIMEOUT_MS = 30_000;

export const systemConntrack: ConntrackRunner = (args) =>
  new Promise((resolve) => {
    execFile('conntrack', [...args], { timeout: TIMEOUT_MS }, (error) => {
      if (error === null) resolve(0);
      else resolve(typeof error.code === 'number' ? error.code : undefined);
    });
  });

/** conntrack ends with this when there was nothing to delete. */
const NOTHING_FOUND = 1;

/** A nat rule is asked only for a connection's first packet, so what was open before goes on past it until it is cut. */
export function dropConnections(run: ConntrackRunner, target: RedirectionTarget, logger: Logger): () => Promise<void> {
  const { metadataIp, metadataPort } = target;
  const family = familyOf(target) === 6 ? 'ipv6' : 'ipv4';
  const args = ['-D', '-f', family, '-p', 'tcp', '--orig-dst', metadataIp, '--orig-port-dst', String(metadataPort)];
  return async () => {
    const code = await run(args);
    if (code === 0) logger.info('connections older than the redirection rules dropped');
    else if (code !== NOTHING_FOUND) logger.warn('conntrack failed; older connections may go on', { code });
  };
}
