import { connect } from '@aad-pod-identity/kube';
import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { readAccess } from './access.ts';
import { type Api, type Connection, openApi, type Server } from './api.ts';
import { GROUPS } from './cases/index.ts';
import { isOtherwise } from './other-versions.ts';

/** Sentences about the API, each with what shows that it is true. */
export type Cases = Readonly<Record<string, (api: Api) => Promise<void>>>;

async function connection(server: Server): Promise<Connection> {
  const options = { kubeconfig: server.kubeconfig, env: {}, clock: systemClock, logger: silentLogger, qps: 0 };
  const client = await connect({ ...options, userAgent: 'contract-client/1' });
  return { ...server, client, access: await readAccess(server.kubeconfig) };
}

async function close({ client, access }: Connection): Promise<void> {
  await client.close();
  await access.dispatcher.destroy();
}

/**
 * The whole contract against the server that `start` gives; it is not ended here. What another version than 1.35 is
 * known to answer otherwise must differ, so that no known difference outlives its reason.
 */
export function contractSuite(start: () => Promise<Server>, version = '1.35'): void {
  let connected: Connection | undefined;

  beforeAll(async () => {
    connected = await connection(await start());
  });
  afterAll(async () => {
    if (connected !== undefined) await close(connected);
  });

  describe.each(Object.entries(GROUPS))('%s', (group, cases) => {
    for (const [sentence, run] of Object.entries(cases)) {
      const test = isOtherwise(version, group, sentence) ? it.failing : it;
      test(sentence, async () => {
        if (connected === undefined) throw new Error('the server did not start');
        await run(await openApi(connected));
      });
    }
  });
}
