import type { Dashboard } from './dashboard.ts';
import { micDashboard } from './mic.ts';
import { nmiDashboard } from './nmi.ts';
import { dashboardPage } from './page.ts';

const DASHBOARDS: Readonly<Record<string, Dashboard>> = { nmi: nmiDashboard, mic: micDashboard };

/** The chart's dashboards: path from the workspace root -> content. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(DASHBOARDS).map(([name, dashboard]) => [
      `charts/aad-pod-identity/dashboards/${name}.json`,
      `${JSON.stringify(dashboard, null, 2)}\n`,
    ]),
  );
}

/** What of the docs is made from them. */
export const dashboardDocs = (): ReadonlyMap<string, string> =>
  new Map([['docs/dashboards.md', dashboardPage(DASHBOARDS)]]);
