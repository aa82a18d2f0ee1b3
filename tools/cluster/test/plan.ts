import { USUAL_PORTS, type ClusterPlan } from '../src/plan/cluster-plan.ts';
import { layout } from '../src/plan/layout.ts';
import { fullOptions, type ClusterOptions } from '../src/plan/options.ts';

/** A plan that differs from the simplest one only in what matters. */
export function plan(options: Partial<ClusterOptions> = {}, rest: Partial<ClusterPlan> = {}): ClusterPlan {
  return {
    name: 'demo',
    options: fullOptions({ profile: 'control-plane', ...options }),
    layout: layout({ name: 'demo', folder: '/tmp/demo' }),
    address: '127.0.0.1',
    ports: USUAL_PORTS,
    programs: { kubernetes: '/cache/kubernetes', kwok: '/cache/kwok', pause: '/cache/pause' },
    ...rest,
  };
}
