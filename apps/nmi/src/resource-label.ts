/** What the services of Azure's clouds are called as the resource of a token, without a slash at the end. */
const KNOWN: ReadonlySet<string> = new Set(
  [
    ...['management.azure.com', 'management.core.windows.net', 'vault.azure.net', 'managedhsm.azure.net'],
    ...['storage.azure.com', 'database.windows.net', 'ossrdbms-aad.database.windows.net', 'cosmos.azure.com'],
    ...['graph.microsoft.com', 'graph.windows.net', 'servicebus.azure.net', 'eventhubs.azure.net'],
    ...['eventgrid.azure.net', 'datalake.azure.net', 'azconfig.io', 'cognitiveservices.azure.com', 'ml.azure.com'],
    ...['search.azure.com', 'batch.core.windows.net', 'api.loganalytics.io', 'monitor.azure.com', 'redis.azure.com'],
    ...['containerregistry.azure.net', 'dev.azuresynapse.net', 'vault.usgovcloudapi.net', 'vault.azure.cn'],
    ...['management.usgovcloudapi.net', 'management.chinacloudapi.cn', 'database.usgovcloudapi.net'],
    ...['database.chinacloudapi.cn', 'graph.microsoft.us', 'microsoftgraph.chinacloudapi.cn'],
  ].map((host) => `https://${host}`),
);

/**
 * A metric's value for a resource: callers choose theirs, and one resource more is a series for each bucket. A closed
 * list, unlike the first few to come, leaves no pod a way to take the place of others.
 */
export function resourceLabel(resource: string): string {
  const slash = resource.endsWith('/') ? '/' : '';
  const name = resource.slice(0, resource.length - slash.length).toLowerCase();
  return KNOWN.has(name) ? name + slash : 'other';
}
