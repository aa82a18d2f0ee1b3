import { armFailure } from './arm-replies.ts';
import type { ArmSettings } from './arm-settings.ts';
import { newGuid } from './ids.ts';
import type { Reply } from './service.ts';

interface LongRunning {
  readonly subscriptionId: string;
  readonly isDone: () => boolean;
  /** The operation's end: the resource, or an error. */
  readonly result: () => Reply;
}

/** Long-running operations and the two ways to follow one: an operation resource, or a location. */
export class ArmOperations {
  readonly #operations = new Map<string, LongRunning>();
  readonly #settings: ArmSettings;
  readonly #baseUrl: () => string;

  constructor(settings: ArmSettings, baseUrl: () => string) {
    this.#settings = settings;
    this.#baseUrl = baseUrl;
  }

  /** The answer to the write that started the operation. */
  accept(operation: LongRunning, body: object, note: string): Reply {
    const id = newGuid();
    this.#operations.set(id, operation);
    const base = this.#base(operation);
    const followed =
      this.#settings.follow === 'operation'
        ? { 'azure-asyncoperation': `${base}/operations/${id}?p=1&api-version=2024-01-01` }
        : { location: `${base}/operationResults/${id}?p=1&api-version=2024-01-01` };
    return { status: 202, body, headers: { ...followed, ...this.#retryAfter() }, note };
  }

  poll(kind: string, id: string): Reply {
    const operation = this.#operations.get(id);
    if (operation === undefined) return armFailure(404, 'NotFound', 'There is no such operation.');
    const isResource = kind.toLowerCase() === 'operations';
    if (!operation.isDone()) {
      const body = isResource ? { status: 'InProgress' } : undefined;
      return {
        status: isResource ? 200 : 202,
        body,
        headers: this.#pollHeaders(kind, id, operation),
        note: 'in progress',
      };
    }
    const result = operation.result();
    return isResource ? this.#ended(result) : result;
  }

  /** The operation resource answers 200 even when the operation failed. */
  #ended(result: Reply): Reply {
    if (result.status < 400) return { status: 200, body: { status: 'Succeeded' }, note: 'succeeded' };
    return { status: 200, body: { status: 'Failed', ...(result.body as object) }, note: result.note ?? 'failed' };
  }

  #base({ subscriptionId }: LongRunning): string {
    return `${this.#baseUrl()}/subscriptions/${subscriptionId}/providers/Microsoft.Compute/locations/simulated`;
  }

  #pollHeaders(kind: string, id: string, operation: LongRunning): Record<string, string> {
    const location = { location: `${this.#base(operation)}/operationResults/${id}?p=1&api-version=2024-01-01` };
    return { ...(kind.toLowerCase() === 'operations' ? {} : location), ...this.#retryAfter() };
  }

  #retryAfter(): Record<string, string> {
    const { pollRetryAfter } = this.#settings;
    return pollRetryAfter === undefined ? {} : { 'retry-after': String(pollRetryAfter) };
  }
}
