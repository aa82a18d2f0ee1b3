/** The simulated Azure: run in its network namespace by `up`, where all its addresses are. */
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { helpText, parseFlags, runMain, stringFlag, boolFlag, systemClock } from '@aad-pod-identity/runtime';
import { createRunCa } from '@aad-pod-identity/testing';
import { populate, startAzureSimulator, startControlServer, type InitialState } from '@aad-pod-identity/testing/azure';
import { AZURE_NAMES, METADATA_ADDRESS, RESOLVER_ADDRESS } from './addresses.ts';
import { startForward, type Forward } from './forward.ts';
import { startResolver } from './resolver.ts';

const SUMMARY = 'IMDS, Entra ID and ARM at the addresses and names of production';

const FLAGS = {
  'ca-cert': stringFlag({ default: '', help: 'authority of the certificates, PEM' }),
  'ca-key': stringFlag({ default: '', help: 'private key of that authority, PEM' }),
  state: stringFlag({ default: '', help: 'JSON file of what Azure holds to begin with' }),
  'control-socket': stringFlag({ default: '', help: 'where the control API listens, a file' }),
  connections: stringFlag({
    default: '',
    help: 'file for a JSON object for each connection: when, to what, from where',
  }),
  help: boolFlag({ default: false, help: 'print this text and exit' }),
};

type Values = ReturnType<typeof parseFlags<typeof FLAGS>>;

const HTTPS = 443;
const HTTP = 80;

async function startForwards(values: Values): Promise<void> {
  const read = (file: string) => readFileSync(file, 'utf8');
  const initial = JSON.parse(read(values.state)) as InitialState;
  const azure = await startAzureSimulator({
    ca: createRunCa({ certPem: read(values['ca-cert']), keyPem: read(values['ca-key']) }),
    publicUrls: { entra: 'https://login.microsoftonline.com', arm: 'https://management.azure.com' },
    ...(initial.tenantId === undefined ? {} : { tenantId: initial.tenantId }),
    ...(initial.subscriptionId === undefined ? {} : { subscriptionId: initial.subscriptionId }),
  });
  populate(azure, initial);
  const [machine] = azure.machines;
  if (machine === undefined) throw new Error(`${values.state} has no machine for the node`);
  const control = await startControlServer(azure, 0);
  const at = (host: string, port: number) => ({ host, port });
  const forwards: Forward[] = [
    { name: 'imds', listen: at(METADATA_ADDRESS, HTTP), port: (await azure.imdsFor(machine.providerId)).port },
    { name: 'entra', listen: at(AZURE_NAMES['login.microsoftonline.com'], HTTPS), port: azure.ports.entra },
    { name: 'arm', listen: at(AZURE_NAMES['management.azure.com'], HTTPS), port: azure.ports.arm },
    // the last, for whoever finds it takes all to be there
    { name: 'control', listen: { path: values['control-socket'] }, port: Number(new URL(control.url).port) },
  ];
  rmSync(values['control-socket'], { force: true });
  await startResolver(RESOLVER_ADDRESS, AZURE_NAMES);
  for (const forward of forwards) {
    await startForward(forward, ({ name, from }) => {
      if (name === 'control') return;
      const line = { at: new Date(systemClock.now()).toISOString(), name, from };
      appendFileSync(values.connections, `${JSON.stringify(line)}\n`);
    });
  }
}

runMain('azure', async ({ argv, env, signal }) => {
  const values = parseFlags(FLAGS, argv, env);
  if (values.help) {
    process.stdout.write(helpText({ name: 'azure', summary: SUMMARY }, FLAGS));
    return;
  }
  await startForwards(values);
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
});
