import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { type AnyPanel, DATA_SOURCE } from './panels.ts';

export interface DashboardOptions {
  readonly title: string;
  readonly description: string;
  /** Address of the dashboard; stays, or links to it break. */
  readonly uid: string;
  /** Variables that choose values of a label, besides the data source: name -> PromQL's `label_values`. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Heading -> panels, two in a line. */
  readonly rows: Readonly<Record<string, readonly AnyPanel[]>>;
}

/** The newer form, which this is deprecated for, is not what Grafana's sidecar takes from a ConfigMap. */
// eslint-disable-next-line @typescript-eslint/no-deprecated
const newDashboard = (title: string) => new DashboardBuilder(title);

export type Dashboard = ReturnType<ReturnType<typeof newDashboard>['build']>;

const TAG = 'aad-pod-identity';

/** All values are chosen at first, and so are series that lack the label. */
const labelVariable = (name: string, query: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(name)
    .datasource(DATA_SOURCE)
    .query(query)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: ['All'], value: ['$__all'] })
    .sort(VariableSort.AlphabeticalAsc)
    .refresh(VariableRefresh.OnTimeRangeChanged);

const siblings = (): DashboardLinkBuilder =>
  new DashboardLinkBuilder('AAD Pod Identity').type(DashboardLinkType.Dashboards).tags([TAG]).keepTime(true);

export function dashboard({ title, description, uid, variables = {}, rows }: DashboardOptions): Dashboard {
  const builder = newDashboard(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(siblings())
    .withVariable(new DatasourceVariableBuilder('datasource').label('data source').type('prometheus'));
  for (const [name, query] of Object.entries(variables)) builder.withVariable(labelVariable(name, query));
  for (const [heading, panels] of Object.entries(rows)) {
    builder.withRow(new RowBuilder(heading));
    for (const panel of panels) builder.withPanel(panel);
  }
  return numbered(builder.build());
}

/** Panels are told apart by their numbers. */
function numbered(built: Dashboard): Dashboard {
  return { ...built, panels: (built.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 })) };
}
