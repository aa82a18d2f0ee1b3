export * from './builders.ts';
export { type FakeClock, fakeClock } from './fake-clock.ts';
export { keepFields } from './keep-fields.ts';
export { type CertificateAndKey, type LeafRequest, type RunCa, createRunCa, trustRunCa } from './pki.ts';
export { type ConnectProxy, startConnectProxy } from './connect-proxy.ts';
