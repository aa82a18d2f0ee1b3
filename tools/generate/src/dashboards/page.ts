import type { Dashboard } from './dashboard.ts';

const HEAD = `# Dashboards

Generated from \`tools/generate/src/dashboards\` by \`npm run generate\`; not to be edited by hand.

\`monitoring.dashboards.enabled: true\` makes a ConfigMap for each dashboard, with the label \`grafana_dashboard: "1"\` by which the sidecar of Grafana's chart finds it; \`monitoring.dashboards.namespace\` is where it looks, unless it looks everywhere. Without a sidecar, import the files [nmi.json](../charts/aad-pod-identity/dashboards/nmi.json) and [mic.json](../charts/aad-pod-identity/dashboards/mic.json). They need the [metrics](metrics.md) of both programs (\`monitoring.podMonitor.enabled\`, or \`serviceMonitor\`); the Prometheus is chosen at the top of each.

The pictures below are no decoration: \`npm run e2e -- node/prometheus\` runs every query of both dashboards against a real Prometheus, which has scraped MIC and NMI on a real node for a minute or two, and fails where one returns nothing, or nothing but zeros (but for the queue of MIC, in which nothing waits on one node). In that time tokens are asked for by pods of two namespaces, up to two hundred times a second; Azure fails, throttles and is away; the Kubernetes API is away too; the rules are flushed; and one pod opens too many connections. Everything is scraped once a second there; in a cluster lines are longer and calmer. \`E2E_PICTURES=update npm run e2e -- node/prometheus\` draws them anew.
`;

/** The picture of a row, as the test with the real Prometheus names it. */
export const pictureOf = (component: string, row: string): string =>
  `images/dashboards/${component}-${row.toLowerCase().replaceAll(/\W+/g, '-')}.svg`;

function rowLines(component: string, row: string): string[] {
  return [`### ${component.toUpperCase()}: ${row}`, '', `![${row}](${pictureOf(component, row)})`, ''];
}

function section(component: string, { description = '', panels = [] }: Dashboard): string {
  const lines = panels.flatMap((panel) =>
    'collapsed' in panel
      ? ['', ...rowLines(component, panel.title ?? '')]
      : [`- **${panel.title ?? ''}.** ${panel.description ?? ''}`],
  );
  return `\n## ${component.toUpperCase()}\n\n${description}\n${lines.join('\n')}\n`;
}

/** docs/dashboards.md: what each panel shows. */
export function dashboardPage(dashboards: Readonly<Record<string, Dashboard>>): string {
  return (
    HEAD +
    Object.entries(dashboards)
      .map(([component, dashboard]) => section(component, dashboard))
      .join('')
  );
}
