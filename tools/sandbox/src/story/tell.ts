import { abortable } from '../until.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Step, StepResult } from './step.ts';

type Print = (line: string) => void;

/**
 * Runs every step in order, telling each as it goes; after a failure the later ones would say nothing, so it ends.
 * @throws the signal's reason, at once, whatever a step is waiting for
 */
export async function tellStory(
  sandbox: Sandbox,
  steps: readonly Step[],
  print: Print,
  signal: AbortSignal,
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const [index, step] of steps.entries()) {
    signal.throwIfAborted();
    print(`\n${index + 1}. ${step.title}`);
    if (step.command !== undefined) print(`   $ ${step.command(sandbox)}`);
    const result = await abortable(runStep(sandbox, step), signal);
    results.push(result);
    print(`   ${result.ok ? 'ok' : 'FAILED'}: ${result.seen}`);
    for (const place of step.look?.(sandbox) ?? []) print(`   look: ${place}`);
    if (!result.ok) break;
  }
  return results;
}

async function runStep(sandbox: Sandbox, step: Step): Promise<StepResult> {
  const startedAt = sandbox.clock.monotonic();
  const outcome = await step.run(sandbox).then(
    (seen) => ({ ok: true, seen }),
    (error: unknown) => ({ ok: false, seen: error instanceof Error ? error.message : String(error) }),
  );
  return { title: step.title, ...outcome, ms: Math.round(sandbox.clock.monotonic() - startedAt) };
}

/** The results as a table, one line a step, steps that were not reached included. */
export function summaryTable(steps: readonly Step[], results: readonly StepResult[]): string[] {
  const width = Math.max(...steps.map(({ title }) => title.length));
  const rows = steps.map(({ title }, index) => {
    const result = results[index];
    const outcome = result === undefined ? 'not reached' : result.ok ? 'ok' : 'FAILED';
    const time = result === undefined ? '' : `${(result.ms / 1000).toFixed(2)} s`;
    return `${title.padEnd(width)}  ${outcome.padEnd(11)}  ${time.padStart(8)}`;
  });
  return [`${'Step'.padEnd(width)}  ${'Outcome'.padEnd(11)}  ${'Time'.padStart(8)}`, ...rows];
}
