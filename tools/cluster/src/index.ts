export { mutatingPolicyApi } from './azure/cluster-objects.ts';
export { ALL_TOOLS, bring, type BringOptions, type ToolName } from './bring/bring.ts';
export { cacheFolder } from './bring/cache-folder.ts';
export { KUBERNETES_VERSIONS, type KubernetesVersion } from './bring/go-tools.ts';
export {
  type AzureConnection,
  type Cluster,
  type ClusterAzure,
  type ClusterProcess,
  type StartOptions,
  removeClusterNamed,
  startCluster,
} from './cluster.ts';
export { SIMULATED_NODE_ANNOTATION } from './components/kwok.ts';
export { type ImageRequest, imageArchive } from './image/image-archive.ts';
export { busyboxImage, programEntries } from './image/images.ts';
export { type TarEntry } from './image/tar.ts';
export { NODE_NAME } from './plan/cluster-plan.ts';
export { type ClusterOptions } from './plan/options.ts';
export { PROFILES, type Profile, toolsOf } from './plan/profiles.ts';
export { type Execution } from './run/execute.ts';
export { RUN_MARK } from './run/launch.ts';
