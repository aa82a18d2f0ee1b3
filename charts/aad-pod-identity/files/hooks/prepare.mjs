// Before an upgrade: the CRDs of the cluster become those of this chart, which Helm itself never sees to; and where it
// replaces 1.8.17, every node is closed before that one ends.
import { readFileSync } from 'node:fs';
import { call, merge, retried, sleep } from './api.mjs';

const VERSION = 'aadpodidentity.k8s.io/chart-version';
const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const { crds, chartVersion, namespace, namespaceLabels, closing } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

/** Whether version `a` (1.2.3) is later than `b`; a version before its release counts as that release. */
function isLater(a, b) {
  const numbers = (text) => text.split(/[-+]/)[0].split('.').map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  const at = left.findIndex((number, index) => number !== right[index]);
  return at >= 0 && left[at] > right[at];
}

/** Applied under Helm's own name, so that a Helm 4 which installs over it later finds nothing of others. */
const APPLY = 'fieldManager=helm&force=true';

async function bringUp(crd) {
  const { name } = crd.metadata;
  const there = (await call('GET', `${PATH}/${name}`))?.metadata.annotations?.[VERSION];
  if (there !== undefined && isLater(there, chartVersion)) {
    console.log(`${name}: left as it is, of the later chart ${there}`);
    return;
  }
  const annotations = { ...crd.metadata.annotations, [VERSION]: chartVersion };
  const wanted = { ...crd, metadata: { ...crd.metadata, annotations } };
  await call('PATCH', `${PATH}/${name}?${APPLY}`, wanted, 'application/apply-patch+yaml');
  console.log(`${name}: is the one of chart ${chartVersion}`);
}

const deadline = Date.now() + 60_000;
for (const crd of crds) await retried(deadline, () => bringUp(crd));
if (namespaceLabels !== undefined)
  await retried(deadline, () => merge(`/api/v1/namespaces/${namespace}`, { metadata: { labels: namespaceLabels } }));

const CLOSE_MS = 120_000;

/** On how many nodes it is still to be done; undefined until Kubernetes has counted them. */
async function nodesLeft() {
  const { metadata, status = {} } = await call('GET', `/apis/apps/v1/namespaces/${namespace}/daemonsets/${closing}`);
  if (status.observedGeneration !== metadata.generation) return undefined;
  return status.desiredNumberScheduled - (status.numberReady ?? 0);
}

/** A node that is down must not keep the others from their upgrade: no pod of it reaches anybody either. */
async function everyNodeClosed() {
  const until = Date.now() + CLOSE_MS;
  for (let left; (left = await retried(until, nodesLeft)) !== 0; await sleep(500)) {
    if (Date.now() < until) continue;
    console.log(
      `the metadata address is not closed yet on ${left ?? 'an unknown number of'} nodes; the upgrade goes on`,
    );
    return;
  }
  console.log('the metadata address is closed on every node to what is not redirected');
}
if (closing !== undefined) await everyNodeClosed();
