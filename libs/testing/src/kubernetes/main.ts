import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { boolFlag, helpText, intFlag, parseFlags, runMain, stringFlag, UsageError } from '@aad-pod-identity/runtime';
import { parseAllDocuments } from 'yaml';

import { isRecord } from './json.ts';
import type { TlsFiles } from './http/listener.ts';
import { type SimulatorOptions, startKubernetesSimulator } from './simulator.ts';

const PROGRAM = { name: 'kubernetes-simulator', summary: 'A Kubernetes API from memory, for one machine.' };

const FLAGS = {
  host: stringFlag({ default: '127.0.0.1', help: 'address to listen on' }),
  port: intFlag({ default: 0, min: 0, max: 65_535, help: 'port to listen on; 0 takes a free one' }),
  'tls-cert': stringFlag({ default: '', help: 'file with the certificate, PEM; with --tls-key the server speaks TLS' }),
  'tls-key': stringFlag({ default: '', help: 'file with the private key of the certificate, PEM' }),
  ca: stringFlag({ default: '', help: 'file with the authority of the certificate, PEM, for the kubeconfig' }),
  token: stringFlag({
    default: '',
    env: 'KUBERNETES_SIMULATOR_TOKEN',
    help: 'bearer token every request must carry; none when empty; the command line is there for every user to read',
  }),
  'kubeconfig-out': stringFlag({ default: '', help: 'file to write a kubeconfig to' }),
  crds: stringFlag({ default: '', help: 'folder of YAML files with CustomResourceDefinitions to install at start' }),
  'graceful-pods': boolFlag({ default: false, help: 'pods wait for a kubelet to confirm their deletion' }),
  'log-dir': stringFlag({ default: '', help: 'folder of pod logs, <namespace>_<name>.log' }),
  'exit-with-parent': boolFlag({ default: false, help: 'end when standard input is closed' }),
  help: boolFlag({ default: false, help: 'print this help' }),
};

function readText(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--${flag}: can't read ${path}: ${error instanceof Error ? error.message : ''}`);
  }
}

/** Every object of the YAML files of a folder, in the order of their names. */
function readObjects(folder: string): object[] {
  if (!existsSync(folder)) throw new UsageError(`--crds: there is no folder ${folder}`);
  const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  return files
    .sort()
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
    .map((document): unknown => document.toJS())
    .filter(isRecord);
}

type Values = ReturnType<typeof readFlags>;

const readFlags = (argv: readonly string[], env: NodeJS.ProcessEnv) => parseFlags(FLAGS, [...argv], env);

function tlsOf(values: Values): { tls?: TlsFiles } {
  if (values['tls-cert'] === '' && values['tls-key'] === '') return {};
  const certPem = readText('tls-cert', values['tls-cert']);
  const caPem = values.ca === '' ? certPem : readText('ca', values.ca);
  return { tls: { certPem, keyPem: readText('tls-key', values['tls-key']), caPem } };
}

function logReader(folder: string): (namespace: string, name: string) => string | undefined {
  return (namespace, name) => {
    const path = join(folder, `${namespace}_${name}.log`);
    return folder !== '' && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
}

function optionsOf(values: Values): SimulatorOptions {
  return {
    host: values.host,
    port: values.port,
    ...tlsOf(values),
    ...(values.token === '' ? {} : { token: values.token }),
    ...(values.crds === '' ? {} : { crds: readObjects(values.crds) }),
    gracefulPods: values['graceful-pods'],
    logs: logReader(values['log-dir']),
  };
}

/** Resolves when the program is to end: on a signal, or with the parent. */
function whenOver(signal: AbortSignal, withParent: boolean): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      resolve();
    };
    signal.addEventListener('abort', over, { once: true });
    if (withParent) process.stdin.once('end', over).once('close', over).resume();
  });
}

runMain(PROGRAM.name, async ({ argv, env, signal }) => {
  const values = readFlags(argv, env);
  if (values.help) {
    process.stdout.write(`${helpText(PROGRAM, FLAGS)}\n`);
    return;
  }
  const simulator = await startKubernetesSimulator(optionsOf(values));
  const kubeconfig = values['kubeconfig-out'];
  if (kubeconfig !== '') writeFileSync(kubeconfig, simulator.kubeconfig(), { mode: 0o600 });
  process.stdout.write(`${JSON.stringify({ ready: true, url: simulator.url })}\n`);
  await whenOver(signal, values['exit-with-parent']);
  await simulator.close();
});
