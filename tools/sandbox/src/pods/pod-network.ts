/**
 * Preloaded into every pod process (`node --import`): what a pod's network is on a real node, for a process that has
 * none of its own. Each connection leaves from the pod's own address, and one to the metadata address arrives at NMI,
 * as the node's DNAT rule would have it. The application and its client library know nothing of this.
 */
import { Socket, type NetConnectOpts } from 'node:net';

const METADATA_IP = '169.254.169.254';
const { POD_IP = '', NMI_ADDRESS = '' } = process.env;
const [nmiHost = '', nmiPort = ''] = NMI_ADDRESS.split(':');

type Connect = (this: Socket, ...args: unknown[]) => Socket;

function redirected(options: Partial<NetConnectOpts> & { host?: string; port?: number }): object {
  const isMetadata = options.host === METADATA_IP && Number(options.port) === 80;
  const target = isMetadata ? { host: nmiHost, port: Number(nmiPort) } : {};
  return { ...options, ...target, localAddress: POD_IP };
}

// net.connect hands over [options, callback] already normalised; its array carries a symbol that must survive
const original = Reflect.get(Socket.prototype, 'connect') as Connect;
const connect: Connect = function (...args) {
  const [first] = args;
  if (Array.isArray(first)) first[0] = redirected(first[0] as object);
  else if (typeof first === 'object' && first !== null) args[0] = redirected(first);
  return original.apply(this, args);
};
Reflect.set(Socket.prototype, 'connect', connect);
