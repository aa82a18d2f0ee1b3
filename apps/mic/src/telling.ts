import { createEventRecorder, type KubeClient } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import { createMetrics, type Logger, type Metrics } from '@aad-pod-identity/telemetry';
import { Arrivals } from './arrivals.ts';
import { Fullness } from './fullness.ts';
import { createMeters, type Meters } from './metrics.ts';
import { Notices } from './notices.ts';
import { Reporter } from './report.ts';
import { type State, stateMetrics } from './state-metrics.ts';

/** What MIC tells, and to whom: people by the log and Events, programs by metrics. */
export interface Telling {
  readonly report: Reporter;
  readonly notices: Notices;
  readonly arrivals: Arrivals;
  readonly metrics: Metrics;
  readonly meters: Meters;
  /** Shows what is asked at a scrape, until the returned function is called. */
  readonly show: (state: State) => () => void;
  /** Resolves once every Event has been written, or has failed. */
  readonly flush: () => Promise<void>;
}

export interface TellingOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
}

const COMPONENT = 'aadpodidentity.k8s.io';

export function createTelling({ client, clock, logger }: TellingOptions): Telling {
  const recorder = createEventRecorder({ client, component: COMPONENT, clock, logger });
  const report = new Reporter(logger, (event) => {
    recorder.record(event);
  });
  const notices = new Notices(clock, (notice) => {
    report.notice(notice);
  });
  const metrics = createMetrics();
  let shown: State | undefined;
  const fullness = new Fullness(clock);
  stateMetrics(metrics, () => shown, notices, fullness);
  return {
    ...{ report, notices, metrics },
    arrivals: new Arrivals(clock),
    meters: createMeters(metrics, clock, fullness),
    show: (state) => {
      shown = state;
      return () => {
        if (shown === state) shown = undefined;
      };
    },
    flush: () => recorder.flush(),
  };
}
