// Asks for a token as an application does: `node main.mjs --credential=managed-identity --client-id=...`.
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { ChainedTokenCredential, DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';

const { values } = parseArgs({
  options: {
    credential: { type: 'string', default: 'managed-identity' },
    'client-id': { type: 'string' },
    'resource-id': { type: 'string' },
    'object-id': { type: 'string' },
    resource: { type: 'string', default: 'https://storage.azure.com' },
  },
});

const managedIdentity = () => {
  if (values['client-id']) return new ManagedIdentityCredential({ clientId: values['client-id'] });
  if (values['resource-id']) return new ManagedIdentityCredential({ resourceId: values['resource-id'] });
  if (values['object-id']) return new ManagedIdentityCredential({ objectId: values['object-id'] });
  return new ManagedIdentityCredential();
};
const next = { getToken: () => Promise.resolve({ token: 'of the next credential', expiresOnTimestamp: 0 }) };
const credentials = {
  'managed-identity': managedIdentity,
  default: () => new DefaultAzureCredential(),
  chain: () => new ChainedTokenCredential(managedIdentity(), next),
};

const { version } = createRequire(import.meta.url)('@azure/identity/package.json');
const startedAt = performance.now();
const answer = await credentials[values.credential]()
  .getToken(`${values.resource}/.default`)
  .then(
    ({ token }) => ({ token }),
    (error) => ({ error: `${error.name}: ${error.message}` }),
  );
const ms = Math.round(performance.now() - startedAt);
console.log(JSON.stringify({ client: `@azure/identity ${version}`, ms, ...answer }));
