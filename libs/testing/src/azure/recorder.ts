import type { OperationName, ServiceName } from './faults.ts';

/** One request that a service received. No bodies: they hold secrets. */
export interface RecordedRequest {
  /** Milliseconds since the Unix epoch, when it arrived. */
  readonly at: number;
  readonly service: ServiceName;
  readonly operation: OperationName;
  /** Which machine's IMDS, if it was one. */
  readonly machine?: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly userAgent: string;
  /** 0: not answered (hung, reset, or the client went away). */
  readonly status: number;
  readonly durationMs: number;
  /** What it was about, in a few words. */
  readonly note: string;
}

/** The sandbox runs for days; its page shows the last requests only. */
const MAX_RECORDS = 10_000;

export class Recorder {
  readonly requests: RecordedRequest[] = [];
  readonly #listeners = new Set<(request: RecordedRequest) => void>();

  add(request: RecordedRequest): void {
    this.requests.push(request);
    if (this.requests.length > MAX_RECORDS) this.requests.shift();
    for (const listener of this.#listeners) listener(request);
  }

  /** Calls back for each request from now on, until the returned function is called. */
  subscribe(listener: (request: RecordedRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
