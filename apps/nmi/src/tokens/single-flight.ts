import { abortReason } from '@aad-pod-identity/runtime';

/** Resolves with `promise`, or rejects with the signal's reason as soon as it aborts. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw abortReason(signal);
  const gone = Promise.withResolvers<never>();
  const onAbort = (): void => {
    gone.reject(abortReason(signal));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, gone.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Calls with the same key share one that is under way. It has its own signal, so one caller that leaves takes nothing
 * from the others; only when all have left is it given up.
 */
export function singleFlight<R, T>(
  call: (request: R, signal: AbortSignal) => Promise<T>,
  keyOf: (request: R) => string,
): (request: R, signal: AbortSignal) => Promise<T> {
  const flights = new Map<string, { promise: Promise<T>; controller: AbortController; callers: number }>();

  function start(key: string, request: R) {
    const controller = new AbortController();
    const promise = call(request, controller.signal);
    const flight = { promise, controller, callers: 0 };
    flights.set(key, flight);
    const end = (): void => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    promise.then(end, end);
    return flight;
  }

  return async (request, signal) => {
    if (signal.aborted) throw abortReason(signal);
    const key = keyOf(request);
    const flight = flights.get(key) ?? start(key, request);
    flight.callers++;
    try {
      return await unlessAborted(flight.promise, signal);
    } finally {
      flight.callers--;
      if (flight.callers === 0) {
        if (flights.get(key) === flight) flights.delete(key);
        flight.controller.abort(new DOMException('nobody waits for the answer any more', 'AbortError'));
      }
    }
  };
}
