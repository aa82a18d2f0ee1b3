import {
  helpText,
  listen,
  parseFlags,
  redactId,
  redactSecrets,
  runMain,
  systemClock,
  versionLine,
  type MainContext,
} from '@aad-pod-identity/runtime';
import { once } from 'node:events';
import { readClaims } from './claims.ts';
import { authorityOf, diagnosisOf, findOut, proxyProblem } from './diagnosis.ts';
import { flags, type Flags } from './flags.ts';
import { createPageServer, firstLine } from './page.ts';
import { managedIdentityTokenSource, type TokenRequest, type TokenSource } from './token-source.ts';

const NAME = 'identity-validator';
const SUMMARY = 'shows whether this pod gets a token, as a page or as a one-shot check';

const print = (line: string) => process.stdout.write(`${redactSecrets(line)}\n`);

runMain(NAME, async ({ argv, env, signal }: MainContext) => {
  const values = parseFlags(flags, argv, env);
  if (values.help) process.stdout.write(helpText({ name: NAME, summary: SUMMARY }, flags));
  else if (values.version) print(versionLine(NAME));
  else await run(values, env, signal);
});

async function run(values: Flags, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const request = {
    resource: values.resource,
    clientId: values['identity-client-id'],
    timeoutMs: values.timeout,
  };
  const source = managedIdentityTokenSource(request, systemClock);
  await (values.check
    ? check(source).catch((error: unknown) => withDiagnosis(error, request, env))
    : serve(source, values, signal));
}

async function check(source: TokenSource): Promise<void> {
  const { appid, aud, tid, exp } = readClaims(await source());
  const until = exp === undefined ? 'unknown' : new Date(exp * 1000).toISOString();
  const whose = redactId(appid ?? 'unknown');
  print(
    `token obtained: client id ${whose}, audience ${aud ?? 'unknown'}, tenant ${tid ?? 'unknown'}, expires ${until}`,
  );
}

/** A check that failed says why in one line: what the client said, and what asking without it shows. */
async function withDiagnosis(error: unknown, request: TokenRequest, env: NodeJS.ProcessEnv): Promise<never> {
  const finding = await findOut({ ...request, authority: authorityOf(env) }, systemClock);
  const said = [firstLine(error), proxyProblem(env), diagnosisOf(finding)];
  throw new Error(said.filter((part) => part !== undefined).join('; '));
}

async function serve(source: TokenSource, values: Flags, signal: AbortSignal): Promise<void> {
  const server = createPageServer(source, print);
  const port = await listen(server, { host: values['listen-address'], port: values.port });
  print(`the page is at http://${values['listen-address']}:${port}/`);
  if (!signal.aborted) await once(signal, 'abort');
  server.closeAllConnections();
  server.close();
}
