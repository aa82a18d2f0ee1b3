import { LEGACY_FINALIZER } from '@aad-pod-identity/crd-types';
import { azureAssignedIdentities, isKubeError, type KubeClient } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Meters } from '../metrics.ts';
import { pairOfNeed, pairOfRecord } from '../plan/need.ts';
import type { ChangedRecord, NewRecord, RecordPlan } from '../plan/plan-records.ts';
import { newRecord, recordPatch, releasePatch } from '../plan/record-form.ts';
import { ownName } from '../plan/record-name.ts';
import { slimRecord } from '../world/slim.ts';
import type { RecordView } from '../world/views.ts';
import { inParallel } from './in-parallel.ts';
import { Slots } from './slots.ts';

export interface RecordWriterOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly meters: Meters;
  /** How many writes at the same time for one VM or scale set. */
  readonly parallel: number;
}

export interface RecordWrites {
  /** The records as the API server answered, with what was planned for each. */
  readonly written: readonly { readonly record: RecordView; readonly change: NewRecord | ChangedRecord }[];
  readonly dropped: readonly RecordView[];
  readonly failed: readonly FailedWrite[];
  readonly errors: readonly Error[];
}

/** A write that failed: of what a plan says of a record, or the deletion of one. */
export type FailedWrite =
  | { readonly change: NewRecord | ChangedRecord; readonly error: unknown }
  | { readonly dropping: RecordView; readonly error: unknown };

/** For all VMs and scale sets together: more make the API server no faster, and each holds its object in memory. */
const MAX_WRITES = 100;

/** Writes what a plan says about records. A write that fails holds up no other. */
export class RecordWriter {
  readonly #options: RecordWriterOptions;
  readonly #slots = new Slots(MAX_WRITES);

  constructor(options: RecordWriterOptions) {
    this.#options = options;
  }

  async write(plan: RecordPlan, signal: AbortSignal): Promise<RecordWrites> {
    const written: { record: RecordView; change: NewRecord | ChangedRecord }[] = [];
    const dropped: RecordView[] = [];
    const put = async (change: NewRecord | ChangedRecord): Promise<void> => {
      const record = 'record' in change ? await this.#update(change, signal) : await this.#create(change, signal);
      if (record !== undefined) written.push({ record, change });
    };
    const drop = async (record: RecordView): Promise<void> => {
      await this.#delete(record, signal);
      dropped.push(record);
    };
    const failed: FailedWrite[] = [];
    const noting = async (job: () => Promise<void>, what: (error: unknown) => FailedWrite): Promise<void> => {
      try {
        await this.#slots.run(job);
      } catch (error) {
        failed.push(what(error));
        throw error;
      }
    };
    const jobs = [
      ...[...plan.create, ...plan.update].map(
        (change) => () =>
          noting(
            () => put(change),
            (error) => ({ change, error }),
          ),
      ),
      ...plan.drop.map(
        (record) => () =>
          noting(
            () => drop(record),
            (error) => ({ dropping: record, error }),
          ),
      ),
    ];
    const errors = await inParallel(jobs, this.#options.parallel, signal);
    return { written, dropped, failed, errors };
  }

  #now(): string {
    return `${new Date(this.#options.clock.now()).toISOString().slice(0, 19)}Z`;
  }

  #create({ need, namespace, name, status }: NewRecord, signal: AbortSignal): Promise<RecordView | undefined> {
    const { client, meters } = this.#options;
    const create = async (as: string): Promise<RecordView | undefined> => {
      const body = newRecord(need, { namespace, name: as }, status, this.#now());
      return slimRecord(await client.create(azureAssignedIdentities, { namespace }, body, { signal }));
    };
    return meters.kubernetes('assigned_identity_addition', async () => {
      try {
        return await create(name);
      } catch (error) {
        if (!isKubeError(error) || error.code !== 'alreadyExists') throw error;
        const found = slimRecord(await client.get(azureAssignedIdentities, { namespace, name }, { signal }));
        const isOurs = found !== undefined && pairOfRecord(found) === pairOfNeed(need);
        return isOurs ? found : create(ownName(need));
      }
    });
  }

  #update({ record, need, extent, status }: ChangedRecord, signal: AbortSignal): Promise<RecordView | undefined> {
    const { client, meters } = this.#options;
    const body =
      extent === 'finalizer'
        ? releasePatch(record)
        : recordPatch(record, extent === 'content' ? need : undefined, status, this.#now());
    const operation = extent === 'status' ? 'update_azure_assigned_identity_status' : 'assigned_identity_update';
    const { namespace, name } = record;
    return meters.kubernetes(operation, async () =>
      slimRecord(await client.patch(azureAssignedIdentities, { namespace, name }, body, { type: 'merge' }, { signal })),
    );
  }

  /**
   * The finalizer of 1.8.17 is served by nobody else any more; one of somebody else is not ours to take.
   * @throws KubeError `conflict` if the record is not as it was when that was decided: its pod may have come back on
   * another node, whose work it is now, or somebody has edited its labels, and no change tells to look again
   */
  #delete(record: RecordView, signal: AbortSignal): Promise<void> {
    const { client, meters } = this.#options;
    const { namespace, name, uid } = record;
    return meters.kubernetes('assigned_identity_deletion', async () => {
      try {
        const resourceVersion = await this.#release(record, signal);
        const how = { preconditions: { uid, resourceVersion } };
        await client.delete(azureAssignedIdentities, { namespace, name }, how, { signal });
      } catch (error) {
        if (!isKubeError(error, 'notFound')) throw error;
      }
    });
  }

  /** Takes the finalizer off; gives the version that the record has then. */
  async #release(record: RecordView, signal: AbortSignal): Promise<string> {
    const { namespace, name, finalizers, resourceVersion } = record;
    if (!finalizers.includes(LEGACY_FINALIZER)) return resourceVersion;
    const { client } = this.#options;
    const released = await client.patch(
      azureAssignedIdentities,
      { namespace, name },
      releasePatch(record),
      { type: 'merge' },
      { signal },
    );
    return slimRecord(released)?.resourceVersion ?? resourceVersion;
  }
}
