/** Service principals of the simulated Entra ID, each with a pod of its own that is bound to it. */
import {
  azureAssignedIdentity,
  azureIdentity,
  azureIdentityBinding,
  createRunCa,
  pod,
  secret,
} from '@aad-pod-identity/testing';
import type { World } from './world.ts';

export interface Principal {
  readonly type: 1 | 2;
  readonly values: Record<string, string>;
  readonly spec?: Record<string, unknown>;
  readonly secretNamespace?: string;
  readonly annotations?: Record<string, string>;
}

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const AUXILIARY = '22222222-2222-4222-8222-222222222222';
export const SECRET = 's3cret~value';

export function certificateOf(commonName: string): { certPem: string; pem: string } {
  const { certPem, keyPem } = createRunCa().issue({ commonName, altNames: [] });
  return { certPem, pem: certPem + keyPem };
}

export class Principals {
  readonly certificate = certificateOf('app');
  readonly #world: World;
  #addresses = 10;

  constructor(world: World) {
    this.#world = world;
  }

  readonly withSecret = () => this.#world.azure.addApp({ tenantId: TENANT, secret: SECRET });
  readonly withCertificate = () =>
    this.#world.azure.addApp({ tenantId: TENANT, certificatePem: this.certificate.certPem });

  /** Creates pod, binding, identity and Secret under one name, and gives the pod's address. */
  bind(name: string, clientId: string, { type, values, spec, ...rest }: Principal): string {
    const { secretNamespace: namespace = 'default', annotations = {} } = rest;
    const { state } = this.#world.kube;
    const ip = `127.0.1.${this.#addresses++}`;
    const clientPassword = { name, namespace };
    const identity = azureIdentity({
      name,
      annotations,
      spec: { type, clientID: clientId, tenantID: TENANT, clientPassword, resourceID: '', ...spec },
    });
    const binding = azureIdentityBinding({ name });
    const record = azureAssignedIdentity({ pod: name, identity, binding });
    for (const object of [secret({ name, namespace, values }), identity, binding, record]) state.create(object);
    state.create(pod({ name, label: name, ip }));
    return ip;
  }

  readonly secretReads = () => this.#world.kube.requests.filter(({ path }) => path.includes('/secrets/')).length;
  readonly entraCalls = () => this.#world.azure.state.requests.filter(({ service }) => service === 'entra').length;
}
