// Before an uninstall: MIC takes everything off that it has assigned and ends, the records that are left go, and every NMI
// takes the rules of its node away.
import { readFileSync } from 'node:fs';
import { call, merge, sleep } from './api.mjs';

const { namespace, mic, nmi, timeoutSeconds } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const deadline = Date.now() + timeoutSeconds * 1000;
const MARKER = 'aadpodidentity.k8s.io/uninstall';
const MARKED = { metadata: { annotations: { [MARKER]: 'true' } } };
const FINALIZER = 'azureassignedidentity.finalizers.aadpodidentity.k8s.io';
const RECORDS = '/apis/aadpodidentity.k8s.io/v1';
const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/${mic}`;
const daemonset = `/apis/apps/v1/namespaces/${namespace}/daemonsets/${nmi}`;
// where MIC says how far it is
const progress = `/api/v1/namespaces/${namespace}/configmaps/aad-pod-identity-uninstall`;

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

/** Told where people look who have seen the hook's pod go with the hook. */
async function warn(message) {
  console.log(message);
  const now = new Date().toISOString().replace(/\.\d+/, '');
  const event = {
    ...{ apiVersion: 'v1', kind: 'Event', type: 'Warning', reason: 'IdentitiesLeft', message },
    metadata: { generateName: `${mic}-uninstall-`, namespace },
    involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: mic },
    ...{ source: { component: 'aad-pod-identity-uninstall' }, firstTimestamp: now, lastTimestamp: now, count: 1 },
  };
  await call('POST', `/api/v1/namespaces/${namespace}/events`, event);
}

const CURE = 'a later install of this chart in this namespace takes them off, or `az vm(ss) identity remove`';

/** What MIC has said last: {state, records, identities}. */
async function letMicRelease() {
  let said = {};
  let line = '';
  const look = async () => {
    said = (await call('GET', progress))?.data ?? said;
    const { state, records, identities } = said;
    const next = `MIC has yet to release: ${records} assigned identities; ${identities || 'nothing'} on Azure`;
    if (state === 'releasing' && next !== line) console.log((line = next));
    return state === 'released';
  };
  await until('MIC has released everything', timeoutSeconds * 0.6, look);
  return said;
}

/** While MIC still runs, it alone knows what is its own on the VMs and scale sets. */
async function releaseIdentities() {
  const found = await call('GET', deployment);
  if (found === undefined) return;
  if (found.spec.replicas === 0) {
    await warn(`MIC has been ended before: what it has assigned stays on the VMs and scale sets; ${CURE}`);
    return;
  }
  // what is told of an earlier uninstall says nothing of this one
  if (found.metadata.annotations?.[MARKER] !== 'true') await call('DELETE', progress);
  await merge(deployment, MARKED);
  const { state, identities } = await letMicRelease();
  if (state === undefined) await warn(`MIC has not answered: what it has assigned stays on Azure; ${CURE}`);
  else if (identities) await warn(`identities are left on Azure: ${identities}; ${CURE}`);
}

/** Whoever writes records must have ended before they are deleted. */
async function endMic() {
  if ((await merge(deployment, { spec: { replicas: 0 } })) === undefined) return;
  const isOver = async () => ((await call('GET', deployment))?.status?.replicas ?? 0) === 0;
  await until('MIC has ended', timeoutSeconds * 0.3, isOver);
  await call('DELETE', progress);
}

/** A finalizer that nobody serves any more would keep a record, and its namespace, for ever. */
async function deleteRecords() {
  const records = (await call('GET', `${RECORDS}/azureassignedidentities`))?.items ?? [];
  for (const { metadata } of records) {
    const path = `${RECORDS}/namespaces/${metadata.namespace}/azureassignedidentities/${metadata.name}`;
    const finalizers = (metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
    await merge(path, { metadata: { finalizers } });
    await call('DELETE', path);
  }
  if (records.length > 0) console.log(`${records.length} assigned identities that were left are deleted`);
}

/** An NMI that has taken its rules away is not ready any more: that is how it tells. */
async function takeRulesAway() {
  if ((await merge(daemonset, MARKED)) === undefined) return;
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
