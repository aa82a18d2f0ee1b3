import { join } from 'node:path';
import { renderChart, type Rendered, type RenderOptions } from '@aad-pod-identity/generate/chart';

export const ROOT = join(import.meta.dirname, '../../..');
export const CHART = join(ROOT, 'charts/aad-pod-identity');
export const example = (name: string): string => `--values=${join(CHART, 'examples', name)}`;

/** Both versions of helm that users have. */
export const HELMS: readonly (readonly [version: string, path: string])[] = [
  ['3', process.env.E2E_HELM3 ?? ''],
  ['4', process.env.E2E_HELM4 ?? ''],
];
export const HELM = process.env.E2E_HELM3 ?? '';

type Values = Readonly<Record<string, unknown>>;

/** Renders with a repository of images, which the chart knows none of. */
export function render(values: Values = {}, options: Partial<RenderOptions> = {}): Promise<Rendered[]> {
  const image = { repository: 'registry.example.com/aad' };
  return renderChart({ helm: HELM, chart: CHART, values: { image, ...values }, ...options });
}

/** Why a render fails; the word `rendered` where it does not. */
export function refusal(values: Values, options: Partial<RenderOptions> = {}): Promise<string> {
  return render(values, options).then(
    () => 'rendered',
    (error: unknown) => (error as Error).message,
  );
}

export function named(objects: readonly Rendered[], kind: string, name: string): Rendered {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name} was rendered`);
  return found;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: unknown;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

interface Workload {
  readonly template: {
    readonly metadata: {
      readonly labels: Readonly<Record<string, string>>;
      annotations?: Readonly<Record<string, string>>;
    };
    readonly spec: { readonly containers: readonly [Container]; readonly [field: string]: unknown };
  };
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

export const workload = (objects: readonly Rendered[], kind: string, name: string): Workload =>
  named(objects, kind, name).spec as Workload;

export const MIC = ['Deployment', 'aad-pod-identity-mic'] as const;
export const NMI = ['DaemonSet', 'aad-pod-identity-nmi'] as const;

export const container = (objects: readonly Rendered[], [kind, name]: readonly [string, string]): Container =>
  workload(objects, kind, name).template.spec.containers[0];

/** `Kind namespace/name` of each object, sorted. */
export const idsOf = (objects: readonly Rendered[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`).sort();
