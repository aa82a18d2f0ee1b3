import {
  formatDuration,
  helpText,
  parseFlags,
  runMain,
  systemClock,
  UsageError,
  type FlagTable,
  type MainContext,
} from '@aad-pod-identity/runtime';
import { existsSync, readFileSync } from 'node:fs';
import { ALL_TOOLS, bring } from './bring/bring.ts';
import { removeClusterNamed, startCluster } from './cluster.ts';
import { buildFlags, readGates, upFlags, whereFlags, type BuildFlags, type UpFlags, type WhereFlags } from './flags.ts';
import { layout } from './plan/layout.ts';
import { statusLines } from './status.ts';

interface Command<T> {
  readonly summary: string;
  readonly flags: FlagTable;
  readonly run: (values: T, context: MainContext) => Promise<void> | void;
}

const print = (line: string) => process.stdout.write(`${line}\n`);

function command<T>(summary: string, flags: FlagTable, run: Command<T>['run']): Command<never> {
  return { summary, flags, run };
}

const COMMANDS: Readonly<Record<string, Command<never>>> = {
  build: command('builds and installs the tools, as far as they are missing', buildFlags, build),
  up: command('starts a cluster, or what is missing of it', upFlags, up),
  down: command('ends a cluster and removes all that it has written', whereFlags, down),
  status: command('prints what runs', whereFlags, status),
  kubeconfig: command("prints the administrator's kubeconfig", whereFlags, kubeconfig),
};

async function build({ kubernetes, only }: BuildFlags, { env }: MainContext): Promise<void> {
  const unknown = only.find((name) => !ALL_TOOLS.some((tool) => tool === name));
  if (unknown !== undefined) throw new UsageError(`--only: ${unknown} is none of ${ALL_TOOLS.join(', ')}`);
  const names = only.length === 0 ? ALL_TOOLS : ALL_TOOLS.filter((tool) => only.includes(tool));
  const paths = await bring(names, { env, print, kubernetes });
  for (const name of names) print(`${name.padEnd(28)} ${paths[name]}`);
}

async function up(values: UpFlags, { env, signal }: MainContext): Promise<void> {
  const begin = systemClock.monotonic();
  const { name, folder, profile, kubernetes, scheduler, fresh, azure } = values;
  const cluster = await startCluster({
    ...{ name, folder, profile, kubernetes, scheduler, fresh, azure, env, print, signal },
    ...{ auditPolicy: values['audit-policy'], admissionConfiguration: values['admission-configuration'] },
    ...{ featureGates: readGates(values['feature-gates']), runtimeConfig: values['runtime-config'] },
    ...{ azureState: values['azure-state'], cloudConfig: values['cloud-config'] },
    proxyMode: values['proxy-mode'],
  });
  print(`${name} is up after ${formatDuration(Math.round((systemClock.monotonic() - begin) / 100) * 100)}`);
  print(`export KUBECONFIG=${cluster.kubeconfig}`);
}

async function down({ name, folder }: WhereFlags): Promise<void> {
  await removeClusterNamed({ name, folder });
}

function status({ name, folder }: WhereFlags): void {
  for (const line of statusLines(layout({ name, folder }), name)) print(line);
}

function kubeconfig({ name, folder }: WhereFlags): void {
  const file = layout({ name, folder }).kubeconfig;
  if (!existsSync(file)) throw new UsageError(`there is no cluster ${name}; up starts one`);
  process.stdout.write(readFileSync(file, 'utf8'));
}

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`);
  return [
    'cluster - real Kubernetes on this machine, built from source, beside its own network',
    ...['', 'Usage: cluster <command> [flags]', '', ...rows, '', 'cluster <command> --help tells the flags.', ''],
  ].join('\n');
}

runMain('cluster', async (context: MainContext) => {
  const [name = '--help', ...argv] = context.argv;
  if (/^(--?)?(h|help)$/.test(name)) {
    process.stdout.write(overview());
    return;
  }
  const chosen = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (chosen === undefined)
    throw new UsageError(`${JSON.stringify(name)} is none of ${Object.keys(COMMANDS).join(', ')}`);
  const values = parseFlags(chosen.flags, argv, context.env);
  if (values.help === true)
    process.stdout.write(helpText({ name: `cluster ${name}`, summary: chosen.summary }, chosen.flags));
  else await chosen.run(values as never, context);
});
