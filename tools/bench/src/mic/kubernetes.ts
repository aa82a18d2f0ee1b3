/** The simulated Kubernetes API of the MIC bench, in a process of its own. */
import { customResourceDefinition, KINDS, type KindName } from '@aad-pod-identity/crd-types';
import { createRunCa } from '@aad-pod-identity/testing';
import { startKubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';

const crds = (Object.keys(KINDS) as KindName[]).map((kind) => customResourceDefinition(kind));
const authority = createRunCa();
const certificate = authority.issue({ commonName: 'kubernetes', altNames: ['127.0.0.1'] });
const kube = await startKubernetesSimulator({ crds, tls: { ...certificate, caPem: authority.certPem } });
process.send?.(kube.kubeconfig());
