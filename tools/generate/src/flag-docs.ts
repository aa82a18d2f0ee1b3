import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Programs whose `--help` is kept as a page, and where each starts. */
const PROGRAMS: Readonly<Record<string, string>> = {
  mic: 'apps/mic/src/main.ts',
  nmi: 'apps/nmi/src/main.ts',
  'identity-validator': 'apps/identity-validator/src/main.ts',
  'aad-pod-identity-migrate': 'apps/migrate/src/main.ts',
  sandbox: 'tools/sandbox/src/main.ts',
};

/** One page a program, from what the program itself says; `root` is the workspace's. */
export function flagFiles(root: string): ReadonlyMap<string, string> {
  return new Map(Object.entries(PROGRAMS).map(([name, main]) => [`docs/flags/${name}.md`, page(root, name, main)]));
}

function page(root: string, name: string, main: string): string {
  const help = execFileSync(process.execPath, [join(root, main), '--help'], { encoding: 'utf8' }).trimEnd();
  return `# Flags of ${name}\n\nGenerated from \`--help\` by \`npm run generate\`.\n\n\`\`\`text\n${help}\n\`\`\`\n`;
}
