import { existsSync } from 'node:fs';
import { UsageError, type Clock } from '@aad-pod-identity/runtime';
import { bring } from '../bring/bring.ts';
import { CA_FILE } from '../azure/cluster-objects.ts';
import { azureObjectsCommand, trustedPodCommand } from '../components/azure.ts';
import type { Component } from '../components/component.ts';
import { componentsOf } from '../components/index.ts';
import { componentCommand, enterCommand } from '../node/namespaces.ts';
import { USUAL_PORTS, type ClusterPlan, type Ports, type Programs } from '../plan/cluster-plan.ts';
import type { Layout } from '../plan/layout.ts';
import type { FullOptions } from '../plan/options.ts';
import { toolsOf } from '../plan/profiles.ts';
import { decideUp, type ClusterState } from '../plan/state.ts';
import { writeConfiguration } from './configuration.ts';
import { ensureAzure, inAzure } from './azure.ts';
import { endProcesses, removeCluster } from './down.ts';
import { must } from './execute.ts';
import { freePorts } from './free-ports.ts';
import { ensureNode, initPid } from './node.ts';
import { poll } from './poll.ts';
import { machineFacts, missingPrerequisites } from './prerequisites.ts';
import { bootId } from './process-identity.ts';
import { readTls } from './pki.ts';
import { startComponent, startComponents } from './start-components.ts';
import { makeFolders, readState, writeState } from './store.ts';

export interface UpContext {
  readonly layout: Layout;
  readonly name: string;
  readonly options: FullOptions;
  /** Whether to begin anew although one runs. */
  readonly fresh: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly print: (line: string) => void;
  /** Gives up a start. */
  readonly signal: AbortSignal;
}

/** Brings the cluster to where every component runs and is ready; does nothing where that is so. */
export async function up(context: UpContext): Promise<ClusterPlan> {
  const { options, env } = context;
  checkOptions(options);
  const bringOptions = { ...context, env, kubernetes: options.kubernetes };
  const missing = missingPrerequisites(options.profile, machineFacts(env));
  if (missing.length > 0) throw new UsageError(missing.join('; '));
  const tools: Readonly<Partial<Record<string, string>>> = await bring(toolsOf(options.profile), bringOptions);
  const programs = { kubernetes: '', ...tools } satisfies Programs;
  const found = await clean(context);
  makeFolders(context.layout);
  if (found !== undefined) return finish(context, found, programs);
  try {
    return await finish(context, await begin(context), programs);
  } catch (error) {
    // the logs tell why; nothing else is of use
    await endProcesses(context.layout, context.clock, 'SIGKILL');
    throw error;
  }
}

async function finish(context: UpContext, state: ClusterState, programs: Programs): Promise<ClusterPlan> {
  const plan = await place(context, state, programs);
  if (await startAll(plan, context)) await afterwards(plan, context);
  writeState(context.layout, { ...state, address: plan.address, phase: 'up' });
  return plan;
}

function checkOptions(options: FullOptions): void {
  if (options.azure && options.profile !== 'node') throw new UsageError('a simulated Azure needs the profile node');
  const { auditPolicy, admissionConfiguration, azureState, cloudConfig } = options;
  for (const file of [auditPolicy, admissionConfiguration, azureState, cloudConfig]) {
    if (file !== '' && !existsSync(file)) throw new UsageError(`${file} does not exist`);
  }
}

/** Removes what may not stay. @returns the state to go on with, if there is one */
async function clean({ layout, options, fresh, clock, print }: UpContext): Promise<ClusterState | undefined> {
  const found = readState(layout);
  const decision = decideUp(found, options, fresh);
  if (decision.kind === 'replace') {
    print(`removing the cluster in ${layout.root}: ${decision.reason}`);
    await removeCluster(layout, clock);
  }
  if (decision.kind !== 'heal' || typeof found !== 'object') return undefined;
  if (found.bootId === bootId()) return found;
  await endProcesses(layout, clock, 'SIGKILL');
  return { ...found, bootId: bootId() };
}

async function begin({ layout, options }: UpContext): Promise<ClusterState> {
  const isNode = options.profile === 'node';
  const ports: Ports = isNode ? USUAL_PORTS : await freePorts();
  const state: ClusterState = {
    ...{ format: 1, phase: 'starting', options, bootId: bootId() },
    ...{ address: isNode ? '' : '127.0.0.1', ports },
  };
  writeState(layout, state);
  return state;
}

/** Gives the cluster its place on this machine, a node's namespaces where it has any, and its files. */
async function place(context: UpContext, state: ClusterState, programs: Programs): Promise<ClusterPlan> {
  const { layout, name, options, clock } = context;
  let { address } = state;
  if (options.profile === 'node') {
    address = await ensureNode(layout, programs.pause ?? '', address || undefined, clock);
    writeState(layout, { ...state, address });
  }
  const plan = { name, options, layout, address, ports: state.ports, programs };
  writeConfiguration(plan);
  const init = initPid(layout);
  if (options.azure && init !== undefined) await ensureAzure(plan, init, clock);
  return plan;
}

/** @returns whether anything had to be started */
async function startAll(plan: ClusterPlan, { layout, clock, signal }: UpContext): Promise<boolean> {
  const init = initPid(layout);
  const startContext = {
    ...{ layout, clock, tls: readTls(layout.pki, 'admin') },
    enter: ({ command, where }: Component) => {
      if (where === 'azure') return inAzure(layout, command);
      return init === undefined ? command : componentCommand(init, command);
    },
    execute: (command: readonly string[]) => must(init === undefined ? command : enterCommand(init, command)),
  };
  const startOne = (component: Component, given: AbortSignal) => startComponent(component, startContext, given);
  return startComponents(componentsOf(plan), startOne, signal);
}

/** What the cluster itself must hold before the first pod is made. */
async function afterwards(plan: ClusterPlan, { clock }: UpContext): Promise<void> {
  if (!plan.options.azure) return;
  await must(azureObjectsCommand(plan));
  await poll(clock, POLICY_MS, async () => (await must(trustedPodCommand(plan))).includes(CA_FILE) || undefined);
}

/** The API server takes about a second to act on a new policy. */
const POLICY_MS = 30_000;
