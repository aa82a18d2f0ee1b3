import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { nodeFiles, PAUSE_IMAGE, pauseArchive } from '../components/node.ts';
import { pauseImage } from '../image/images.ts';
import { apiServerUrl, type ClusterPlan } from '../plan/cluster-plan.ts';
import { kubeconfig } from '../plan/kubeconfig.ts';
import { KUBECONFIGS } from '../plan/pki-plan.ts';
import { writeAzureFiles } from './azure.ts';
import { createPki, hasPki, readTls } from './pki.ts';
import { cgroupName } from './store.ts';

/** A file that has its content already is left alone: kube-proxy ends as soon as its own is written. */
function writePrivate(file: string, content: string | Buffer): void {
  if (existsSync(file) && readFileSync(file).equals(Buffer.from(content))) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode: 0o600 });
}

function kubeconfigFor(plan: ClusterPlan, certificate: string): string {
  const { layout, name } = plan;
  return kubeconfig({
    ...{ cluster: name, user: certificate, server: apiServerUrl(plan) },
    ...readTls(layout.pki, certificate),
  });
}

/** Writes every file that the components read. Keys are made once; all else follows from the plan each time. */
export function writeConfiguration(plan: ClusterPlan): void {
  const { layout, options, address, programs } = plan;
  if (!hasPki(layout.pki)) createPki(layout.pki, address);
  writePrivate(layout.kubeconfig, kubeconfigFor(plan, 'admin'));
  for (const [file, certificate] of Object.entries(KUBECONFIGS)) {
    writePrivate(layout.config(file), kubeconfigFor(plan, certificate));
  }
  if (options.azure) writeAzureFiles(plan);
  if (options.profile !== 'node') return;
  for (const [file, content] of Object.entries(nodeFiles(plan, cgroupName(layout)))) {
    writePrivate(layout.config(file), content);
  }
  writePrivate(pauseArchive(layout), pauseImage(PAUSE_IMAGE, programs.pause ?? ''));
}
