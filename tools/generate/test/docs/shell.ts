import { execFileSync } from 'node:child_process';
import { fill } from '../../src/docs/placeholders.ts';

/** What a shell says about the form of a command that it does not run; empty if it takes it. */
export function shellSays(text: string): string {
  try {
    execFileSync('bash', ['-n'], { input: fill(text), stdio: ['pipe', 'pipe', 'pipe'] });
    return '';
  } catch (error) {
    return String((error as { stderr: unknown }).stderr);
  }
}
