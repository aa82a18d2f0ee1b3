import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Query {
  /** With `{{label}}` for the value of a label. */
  readonly legend: string;
  readonly expression: string;
}

/** One panel of a dashboard of the chart. */
export interface Panel {
  /** The heading that it stands under. */
  readonly row: string;
  readonly title: string;
  /** As Grafana names it. */
  readonly unit: string;
  readonly kind: 'lines' | 'stacked' | 'bars';
  readonly queries: readonly Query[];
}

interface Written {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string; readonly custom?: { readonly stacking?: { readonly mode: string } } };
  };
}

const folder = join(import.meta.dirname, '../../charts/aad-pod-identity/dashboards');

function kindOf({ type, fieldConfig }: Written): Panel['kind'] {
  if (type === 'bargauge') return 'bars';
  return fieldConfig?.defaults.custom?.stacking?.mode === 'normal' ? 'stacked' : 'lines';
}

/** The panels of the dashboard that the chart has for a component. */
export function panelsOf(component: 'mic' | 'nmi'): Panel[] {
  const { panels } = JSON.parse(readFileSync(join(folder, `${component}.json`), 'utf8')) as { panels: Written[] };
  let row = '';
  return panels.flatMap((panel) => {
    if (panel.type === 'row') row = panel.title;
    const { title, targets = [], fieldConfig } = panel;
    const queries = targets.map(({ expr, legendFormat }) => ({ legend: legendFormat, expression: expr }));
    const unit = fieldConfig?.defaults.unit ?? '';
    return queries.length === 0 ? [] : [{ row, title, unit, kind: kindOf(panel), queries }];
  });
}

/** What Grafana puts in place of variables where everything is looked at, scraped each second. `rangeS`: how long, in seconds. */
export const filledIn = (expression: string, rangeS: number): string =>
  expression.replaceAll('$__rate_interval', '10s').replaceAll('$__range', `${rangeS}s`).replaceAll('$namespace', '.*');
