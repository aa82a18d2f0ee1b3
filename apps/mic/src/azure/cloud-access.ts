import { type ArmClient, createArmClient } from '@aad-pod-identity/azure-arm';
import { type Cloud, CloudError, resolveCloud } from '@aad-pod-identity/entra';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { type CloudConfig, CloudConfigError, loadCloudConfig, nameOfCloud } from '../cloud-config.ts';
import { tokenSource } from './token-source.ts';

export interface CloudAccessOptions {
  /** The value of `--cloudconfig`; empty: the environment, which never changes. */
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  readonly readFile: (path: string) => Promise<string>;
  /** Client ids and resource ids that are never taken off, beside the identity of MIC itself. */
  readonly immutable: readonly string[];
  readonly userAgent: string;
  /** Asked in the last moment before anything is written to Azure. */
  readonly mayWrite: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface InUse {
  readonly config: CloudConfig;
  readonly arm: ArmClient;
}

/** How often the file is read: a rotated credential counts after two readings that agree. */
const CHECK_EVERY_MS = 2_000;

async function cloudOf({ cloud: name }: CloudConfig, { path, env, readFile }: CloudAccessOptions): Promise<Cloud> {
  const environmentFile = env.AZURE_ENVIRONMENT_FILEPATH;
  try {
    return await resolveCloud({ name, environmentFile, readFile });
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    const isAboutFile = environmentFile !== undefined && error.message.includes(environmentFile);
    const where = isAboutFile ? 'AZURE_ENVIRONMENT_FILEPATH (environment)' : nameOfCloud(path);
    throw new CloudConfigError(`${where}: ${error.message}`, { cause: error.cause });
  }
}

async function use(config: CloudConfig, options: CloudAccessOptions): Promise<InUse> {
  const { clock, env, userAgent, mayWrite } = options;
  const cloud = await cloudOf(config, options);
  const source = tokenSource({ config, cloud, clock, env, userAgent });
  return { config, arm: createArmClient({ cloud, clock, env, userAgent, mayWrite, tokenSource: source }) };
}

const sameConfig = (a: CloudConfig, b: CloudConfig): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The way to Azure by the configuration that holds now. */
export class CloudAccess {
  readonly #options: CloudAccessOptions;
  readonly #listeners = new Set<() => void>();
  #inUse: InUse;
  /** What the file held when it was read last, and when something was last made of it. */
  #seen: string | undefined;
  #judged: string | undefined;

  private constructor(options: CloudAccessOptions, inUse: InUse) {
    this.#options = options;
    this.#inUse = inUse;
  }

  /** @throws CloudConfigError, UsageError for a proxy that is none */
  static async open(options: CloudAccessOptions): Promise<CloudAccess> {
    const { path, env, readFile } = options;
    return new CloudAccess(options, await use(await loadCloudConfig(path, env, readFile), options));
  }

  /** Goes the way that holds when it is called. */
  readonly arm: ArmClient = {
    getIdentities: (...call) => this.#inUse.arm.getIdentities(...call),
    updateIdentities: (...call) => this.#inUse.arm.updateIdentities(...call),
    writeTurn: (...call) => this.#inUse.arm.writeTurn(...call),
    lookupIdentity: (...call) => this.#inUse.arm.lookupIdentity(...call),
  };

  /** Whether an identity must not be taken off: by its client id or resource id, lower-cased. */
  isProtected(id: string): boolean {
    const own = this.#inUse.config.userAssignedIdentityId.toLowerCase();
    return id !== '' && (id === own || this.#options.immutable.some((each) => each.toLowerCase() === id));
  }

  /** Calls back after each change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks after the file until `signal` aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    const { path, clock } = this.#options;
    while (path !== '') {
      await clock.sleep(CHECK_EVERY_MS, signal);
      await this.#check();
    }
  }

  async #check(): Promise<void> {
    const { path, readFile } = this.#options;
    const content = await readFile(path).catch((error: unknown) => `cannot be read: ${String(error)}`);
    // Half of a file may make sense: it has to stand still before anything is made of it.
    const stands = content === this.#seen;
    this.#seen = content;
    if (!stands || content === this.#judged) return;
    this.#judged = content;
    await this.#renew();
  }

  async #renew(): Promise<void> {
    const { path, env, readFile, logger } = this.#options;
    try {
      const config = await loadCloudConfig(path, env, readFile);
      if (sameConfig(config, this.#inUse.config)) return;
      this.#inUse = await use(config, this.#options);
      logger.info('cloud configuration has changed and is in use', { path });
      for (const listener of this.#listeners) listener();
    } catch (error) {
      logger.warn('cloud configuration cannot be used; what was read before stays in use', { path, err: error });
    }
  }
}
