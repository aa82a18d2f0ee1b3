export type { Server } from './api.ts';
export { compactEtcd, type Etcd } from './etcd.ts';
export { contractSuite } from './suite.ts';
