// Before an uninstall: MIC lets go of the identities of this release and ends, the records that are left go, and every NMI
// takes the rules of its node away.
import { readFileSync } from 'node:fs';
import { call, merge, sleep } from './api.mjs';

const { release, namespace, mic, nmi, timeoutSeconds } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const deadline = Date.now() + timeoutSeconds * 1000;
const UNINSTALL = { 'aadpodidentity.k8s.io/uninstall': 'true' };
const FINALIZER = 'azureassignedidentity.finalizers.aadpodidentity.k8s.io';
const GROUP = '/apis/aadpodidentity.k8s.io/v1';
const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/${mic}`;
const daemonset = `/apis/apps/v1/namespaces/${namespace}/daemonsets/${nmi}`;

/** Looks every second until `seconds` or all the time of the hook has passed; gives whether it came true. */
async function until(what, seconds, holds) {
  const end = Math.min(deadline, Date.now() + seconds * 1000);
  while (!(await holds())) {
    if (Date.now() > end) {
      console.log(`gave up: ${what}`);
      return false;
    }
    await sleep(1000);
  }
  console.log(what);
  return true;
}

const key = ({ namespace: of = '', name }) => `${of}/${name}`;

async function list(resource, query = '') {
  return (await call('GET', `${GROUP}/${resource}${query}`))?.items ?? [];
}

/** The bindings of this release are deleted with it anyway: while MIC still runs, it takes their identities off the scale sets. */
async function releaseIdentities() {
  const ours = encodeURIComponent(`app.kubernetes.io/managed-by=Helm,app.kubernetes.io/instance=${release}`);
  const bindings = await list('azureidentitybindings', `?labelSelector=${ours}`);
  for (const { metadata } of bindings)
    await call('DELETE', `${GROUP}/namespaces/${metadata.namespace}/azureidentitybindings/${metadata.name}`);
  if (bindings.length === 0 || (await call('GET', deployment)) === undefined) return;
  const gone = new Set(bindings.map(({ metadata }) => key(metadata)));
  await until(`MIC has let go of the identities of ${gone.size} bindings`, timeoutSeconds / 2, async () => {
    const records = await list('azureassignedidentities');
    return !records.some(({ spec }) => gone.has(key(spec?.azureBindingRef?.metadata ?? {})));
  });
}

/** Whoever writes records must have ended before they are deleted. */
async function endMic() {
  if ((await call('GET', deployment)) === undefined) return;
  await merge(deployment, { metadata: { annotations: UNINSTALL }, spec: { replicas: 0 } });
  await until(
    'MIC has ended',
    timeoutSeconds / 3,
    async () => ((await call('GET', deployment))?.status?.replicas ?? 0) === 0,
  );
}

/** A finalizer that nobody serves any more would keep a record, and its namespace, for ever. */
async function deleteRecords() {
  const records = await list('azureassignedidentities');
  for (const { metadata } of records) {
    const path = `${GROUP}/namespaces/${metadata.namespace}/azureassignedidentities/${metadata.name}`;
    const finalizers = (metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
    await merge(path, { metadata: { finalizers } });
    await call('DELETE', path);
  }
  const stay = records.length === 0 ? '' : '; their identities stay on the scale sets';
  console.log(`${records.length} records of bindings that are not of this release are gone${stay}`);
}

/** An NMI that has taken its rules away is not ready any more: that is how it tells. */
async function takeRulesAway() {
  if ((await merge(daemonset, { metadata: { annotations: UNINSTALL } })) === undefined) return;
  await until(
    'the rules are off every node',
    timeoutSeconds,
    async () => ((await call('GET', daemonset))?.status?.numberReady ?? 0) === 0,
  );
}

await releaseIdentities();
await endMic();
await deleteRecords();
await takeRulesAway();
