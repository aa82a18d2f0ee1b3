import { readFile, writeFile } from 'node:fs/promises';
import {
  boolFlag,
  type Clock,
  durationFlag,
  helpText,
  intFlag,
  type MainContext,
  parseFlags,
  runMain,
  stringFlag,
  systemClock,
  UsageError,
} from '@aad-pod-identity/runtime';
import { createRunCa, type RunCa } from '../pki.ts';
import { startControlServer } from './control-server.ts';
import { type InitialState, populate } from './initial-state.ts';
import { type AzureSimulator, startAzureSimulator } from './simulator.ts';

const PROGRAM = { name: 'azure-simulator', summary: 'Entra ID, ARM and metadata services on loopback' };

const FLAGS = {
  host: stringFlag({ default: '127.0.0.1', help: 'Address that Entra ID, ARM and the metadata services listen on' }),
  'entra-port': intFlag({ default: 0, min: 0, max: 65_535, help: 'Port of Entra ID; 0 takes a free one' }),
  'arm-port': intFlag({ default: 0, min: 0, max: 65_535, help: 'Port of ARM; 0 takes a free one' }),
  'control-port': intFlag({ default: 0, min: 0, max: 65_535, help: 'Port of the control API; 0 takes a free one' }),
  'ca-cert': stringFlag({ default: '', help: 'Authority to issue the server certificate, PEM; with --ca-key' }),
  'ca-key': stringFlag({ default: '', help: 'Private key of that authority, PEM' }),
  'ca-out': stringFlag({ default: '', help: 'File to write the authority certificate to' }),
  state: stringFlag({ default: '', help: 'JSON file: tenantId, subscriptionId, vms, scaleSets, identities, apps' }),
  'environment-out': stringFlag({ default: '', help: 'File to write the description of this cloud to' }),
  'arm-delay': durationFlag({ default: 0, help: 'How long a write to ARM takes' }),
  'imds-limits': boolFlag({ default: false, help: 'Honour the request limits of the real metadata service' }),
  'exit-with-parent': boolFlag({ default: false, help: 'End when the process that started this one has ended' }),
  help: boolFlag({ default: false, help: 'Print this text' }),
} as const;

type Values = ReturnType<typeof parseFlags<typeof FLAGS>>;

async function readAuthority(values: Values): Promise<RunCa> {
  const [cert, key] = [values['ca-cert'], values['ca-key']];
  if ((cert === '') !== (key === '')) throw new UsageError('--ca-cert and --ca-key belong together');
  if (cert === '') return createRunCa();
  return createRunCa({ certPem: await readFile(cert, 'utf8'), keyPem: await readFile(key, 'utf8') });
}

async function readState(file: string): Promise<InitialState> {
  if (file === '') return {};
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text) as InitialState;
  } catch {
    throw new UsageError(`--state: ${file} is not JSON`);
  }
}

async function start(values: Values): Promise<AzureSimulator> {
  const initial = await readState(values.state);
  const azure = await startAzureSimulator({
    host: values.host,
    ca: await readAuthority(values),
    ports: { entra: values['entra-port'], arm: values['arm-port'] },
    imdsLimits: values['imds-limits'],
    ...(initial.tenantId === undefined ? {} : { tenantId: initial.tenantId }),
    ...(initial.subscriptionId === undefined ? {} : { subscriptionId: initial.subscriptionId }),
  });
  populate(azure, initial);
  azure.control.arm.updateMs = values['arm-delay'];
  return azure;
}

async function writeFiles(azure: AzureSimulator, values: Values): Promise<void> {
  if (values['ca-out'] !== '') await writeFile(values['ca-out'], azure.ca.certPem);
  const file = values['environment-out'];
  if (file !== '') await writeFile(file, `${JSON.stringify(azure.environment(), undefined, 2)}\n`);
}

/** Metadata services by machine name. */
async function imdsUrls(azure: AzureSimulator): Promise<Record<string, string>> {
  const entries = azure.machines.map(async ({ name, providerId }) => [name, (await azure.imdsFor(providerId)).url]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
}

const PARENT_CHECK_MS = 500;

/** Ends when this process belongs to another parent: its own has died, however that happened. */
async function parentGone(clock: Clock, signal: AbortSignal): Promise<void> {
  const parent = process.ppid;
  while (!signal.aborted && process.ppid === parent) {
    await clock.sleep(PARENT_CHECK_MS, signal).catch(() => undefined);
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}

runMain(PROGRAM.name, async ({ argv, env, signal }: MainContext) => {
  const values = parseFlags(FLAGS, [...argv], env);
  if (values.help) {
    process.stdout.write(helpText(PROGRAM, FLAGS));
    return;
  }
  const azure = await start(values);
  const control = await startControlServer(azure, values['control-port']);
  await writeFiles(azure, values);
  const { entraUrl, armUrl } = azure;
  const ready = { ready: true, entraUrl, armUrl, imds: await imdsUrls(azure), controlUrl: control.url };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  await (values['exit-with-parent'] ? parentGone(systemClock, signal) : untilAborted(signal));
  await Promise.all([azure.close(), control.close()]);
});
