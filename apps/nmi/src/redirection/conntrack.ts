import type { Logger } from '@aad-pod-identity/telemetry';
import { arrivalOf, familyOf, type RedirectionTarget } from './rules.ts';
import { type Run, runProgram } from './run-program.ts';

/** What conntrack said with these arguments; undefined if it cannot be run. */
export type ConntrackRunner = (args: readonly string[]) => Promise<Pick<Run, 'code' | 'stdout'> | undefined>;

export const systemConntrack: ConntrackRunner = (args) => runProgram('conntrack', args).catch(() => undefined);

/** conntrack ends with this when there was nothing to delete. */
const NOTHING_FOUND = 1;

/** Who answers the connection of a line of `conntrack -L`: source of the second of its two directions. */
function answering(line: string): { readonly address: string; readonly port: string } | undefined {
  const [, address] = [...line.matchAll(/\bsrc=(\S+)/g)].map(([, found]) => found);
  const [, port] = [...line.matchAll(/\bsport=(\d+)/g)].map(([, found]) => found);
  return address === undefined || port === undefined ? undefined : { address, port };
}

/** The options of conntrack for each place but NMI itself where connections end. */
function placesPast(listing: string, target: RedirectionTarget): readonly (readonly string[])[] {
  const here = arrivalOf(target);
  const places = new Map<string, readonly string[]>();
  for (const line of listing.split('\n')) {
    const found = answering(line);
    if (found === undefined || (found.address === here.address && found.port === String(here.port))) continue;
    places.set(`${found.address} ${found.port}`, ['--reply-src', found.address, '--reply-port-src', found.port]);
  }
  return [...places.values()];
}

/**
 * A nat rule is asked only for a connection's first packet, so what was open before goes on past it until it is cut. What
 * has come to NMI already is left alone: its client would wait for ever for an answer that no longer finds its way back.
 */
export function dropConnections(run: ConntrackRunner, target: RedirectionTarget, logger: Logger): () => Promise<void> {
  const { metadataIp, metadataPort } = target;
  const family = familyOf(target) === 6 ? 'ipv6' : 'ipv4';
  const all = ['-f', family, '-p', 'tcp', '--orig-dst', metadataIp, '--orig-port-dst', String(metadataPort)];
  const drop = async (place: readonly string[]): Promise<void> => {
    const code = (await run(['-D', ...all, ...place]))?.code;
    if (code === 0) logger.info('connections older than the redirection rules dropped');
    else if (code !== NOTHING_FOUND) logger.warn('conntrack failed; older connections may go on', { code });
  };
  return async () => {
    const listed = await run(['-L', ...all]);
    // Where they cannot be told apart, none may go on.
    for (const place of listed?.code === 0 ? placesPast(listed.stdout, target) : [[]]) await drop(place);
  };
}
