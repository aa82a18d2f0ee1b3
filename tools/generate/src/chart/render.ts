import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';

/** A Kubernetes object, of whatever kind. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export interface RenderOptions {
  /** Path of the program. */
  readonly helm: string;
  /** Folder of the chart. */
  readonly chart: string;
  readonly release?: string;
  readonly namespace?: string;
  /** Further arguments, such as `--values=<file>`. */
  readonly args?: readonly string[];
  /** Values that win over those of all files. */
  readonly values?: unknown;
}

/** What `helm template` prints. @throws an Error with what it said, in one line */
export async function renderText(options: RenderOptions): Promise<string> {
  const { helm, chart, release = 'aad-pod-identity', namespace = 'default', args = [], values = {} } = options;
  // a helm that was built without its release's version takes the cluster for an old one
  const common = ['template', release, chart, `--namespace=${namespace}`, '--kube-version=1.35'];
  const child = spawn(helm, [...common, ...args, '--values=-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined).end(JSON.stringify(values));
  const [stdout, stderr, [code]] = await Promise.all([
    ...([text(child.stdout), text(child.stderr)] as const),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code === 0) return stdout;
  throw new Error(stderr.replace(/\s*Use --debug flag.*$/s, '').trim());
}

/** The objects that a text of YAML documents holds. @throws at the first that is no YAML */
export function parseObjects(yaml: string): Rendered[] {
  return parseAllDocuments(yaml)
    .map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as Rendered | null;
    })
    .filter((object) => object !== null);
}

export async function renderChart(options: RenderOptions): Promise<Rendered[]> {
  return parseObjects(await renderText(options));
}
