import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, NODE_NAME } from '@aad-pod-identity/cluster';
import { systemClock } from '@aad-pod-identity/runtime';

const PORT = 9099;

/** What is started in the node's namespaces has a parent outside of them, whose end it would not see. */
const ENDS_WITH_CALLER = ['setpriv', '--pdeathsig', 'KILL'];

/** One series of an answer: its labels without its name, and its value now. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One series over time: Unix time in seconds, and the value then. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [atS: number, value: number])[];
}

export interface Range {
  /** Unix time in seconds. */
  readonly fromS: number;
  readonly toS: number;
  readonly stepS: number;
}

/** A label that all series get which have none of that name, as the Prometheus operator adds the namespace of MIC and NMI. */
export const TARGET_NAMESPACE = 'of-the-target';

/** A real Prometheus on the node. */
export interface Prometheus {
  query(expression: string): Promise<Sample[]>;
  range(expression: string, range: Range): Promise<Series[]>;
  /** The one value of an answer; 0 where it has none. */
  value(expression: string): Promise<number>;
  /** What is told about each metric of a job: name -> type. */
  types(job: string): Promise<ReadonlyMap<string, string>>;
  stop(): Promise<void>;
}

/** The address of a node's network that this machine reaches too. */
const nodeAddress = (cluster: Cluster): Promise<string> =>
  cluster.kubectl('get', 'node', NODE_NAME, '-o', 'jsonpath={.status.addresses[0].address}');

/** `targets`: job -> address and port. JSON is YAML. */
const configuration = (targets: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    global: { scrape_interval: '1s' },
    scrape_configs: Object.entries(targets).map(([job_name, target]) => ({
      job_name,
      // as the PodMonitor and the ServiceMonitor of the chart have it
      honor_labels: true,
      static_configs: [{ targets: [target], labels: { namespace: TARGET_NAMESPACE } }],
    })),
  });

async function ask(url: string): Promise<unknown> {
  const answer = await fetch(url);
  const { status, data, error } = (await answer.json()) as { status: string; data: unknown; error?: string };
  if (status !== 'success') throw new Error(`Prometheus: ${error ?? answer.status}: ${url}`);
  return data;
}

interface Vector {
  readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[];
}

interface Matrix {
  readonly result: readonly {
    readonly metric: Record<string, string>;
    readonly values: readonly (readonly [number, string])[];
  }[];
}

function clientOf(base: string): Omit<Prometheus, 'stop'> {
  const query = async (expression: string): Promise<Sample[]> => {
    const { result } = (await ask(`${base}/api/v1/query?query=${encodeURIComponent(expression)}`)) as Vector;
    return result.map(({ metric: { __name__: _, ...labels }, value }) => ({ labels, value: Number(value[1]) }));
  };
  const range = async (expression: string, { fromS, toS, stepS }: Range): Promise<Series[]> => {
    const asked = new URLSearchParams({ query: expression, start: `${fromS}`, end: `${toS}`, step: `${stepS}` });
    const { result } = (await ask(`${base}/api/v1/query_range?${asked.toString()}`)) as Matrix;
    return result.map(({ metric: { __name__: _, ...labels }, values }) => ({
      labels,
      points: values.map(([atS, value]) => [atS, Number(value)] as const),
    }));
  };
  return {
    ...{ query, range },
    value: async (expression) => (await query(expression))[0]?.value ?? 0,
    types: async (job) => {
      const match = encodeURIComponent(`{job="${job}"}`);
      const told = (await ask(`${base}/api/v1/targets/metadata?match_target=${match}`)) as Record<string, string>[];
      return new Map(told.map(({ metric = '', type = '' }) => [metric, type]));
    },
  };
}

async function whenReady(base: string, isOver: () => boolean): Promise<void> {
  const isReady = (): Promise<boolean> =>
    fetch(`${base}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (isOver()) throw new Error('Prometheus ended before it was ready');
    await systemClock.sleep(100);
  }
}

/** Starts Prometheus in the node's namespaces: it ends with the node. */
export async function startPrometheus(
  cluster: Cluster,
  targets: Readonly<Record<string, string>>,
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, configuration(targets));
  const listen = `${await nodeAddress(cluster)}:${PORT}`;
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${listen}`];
  const [program = '', ...args] = cluster.enter([...ENDS_WITH_CALLER, 'prometheus', ...flags, '--log.level=error']);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await whenReady(`http://${listen}`, () => child.exitCode !== null);
  return {
    ...clientOf(`http://${listen}`),
    stop: async () => {
      const ended = once(child, 'exit');
      if (child.kill()) await ended;
      rmSync(folder, { recursive: true, maxRetries: 5 });
    },
  };
}
