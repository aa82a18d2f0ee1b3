import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { formatDuration, type Clock } from '@aad-pod-identity/runtime';
import { createRunCa } from '@aad-pod-identity/testing';
import { lastWords, readyLine, startChild, type Command } from './child.ts';
import { startControlPlane } from './control-plane.ts';
import type { Lifecycle } from './lifecycle.ts';
import * as programs from './programs.ts';
import type { RunFolder } from './run-folder.ts';

export interface SimulatorOptions {
  readonly folder: RunFolder;
  readonly armDelayMs: number;
  /** Whether the Kubernetes API is a real one. */
  readonly real: boolean;
  readonly clock: Clock;
}

export interface Simulators {
  /** Of the simulated Azure, for what is done to it from outside. */
  readonly controlUrl: string;
  readonly imdsPort: number;
}

/** Readable for nobody else, even where another file stood before. */
function writePrivate(path: string, content: string): void {
  rmSync(path, { force: true });
  writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
}

/** The CA of this run and what must stand on disk before any program starts. */
function writeFiles(folder: RunFolder): void {
  const ca = createRunCa();
  const leaf = ca.issue({ commonName: 'kubernetes', altNames: ['127.0.0.1', 'localhost'] });
  writePrivate(folder.caCert, ca.certPem);
  writePrivate(folder.caKey, ca.keyPem);
  writePrivate(folder.kubernetesCert, leaf.certPem);
  writePrivate(folder.kubernetesKey, leaf.keyPem);
  writePrivate(folder.azureState, JSON.stringify(programs.azureState, null, 2));
  writePrivate(folder.cloudConfig, JSON.stringify(programs.cloudConfig, null, 2));
}

/**
 * Starts the Kubernetes API and Azure; resolves when both are ready and no private key is on disk any more.
 * The end of one of them is the end of `life`: what it held is gone with it.
 */
export async function startSimulators(options: SimulatorOptions, life: Lifecycle): Promise<Simulators> {
  const { folder, clock, armDelayMs, real } = options;
  writeFiles(folder);
  const start = async (command: Command) => {
    const child = startChild(command, clock);
    life.simulators.push(child);
    const ready = await readyLine(child, command.logFile, clock, { signal: life.signal });
    void child.ended.then((how) => {
      life.fail(new Error(`${command.name} ${how}; ${lastWords(command.logFile)}`));
    });
    return ready;
  };
  const token = randomBytes(16).toString('hex');
  const [, azure] = await Promise.all([
    real ? startControlPlane(options, life) : start(programs.kubernetesCommand(folder, token)),
    start(programs.azureCommand(folder, formatDuration(armDelayMs))),
  ]);
  folder.removeKeys();
  const { controlUrl, imds } = azure as { controlUrl: string; imds: Record<string, string> };
  return { controlUrl, imdsPort: Number(new URL(Object.values(imds)[0] ?? '').port) };
}
