import { boolFlag, type FlagTable, helpText, type MainContext, runMain, UsageError } from '@aad-pod-identity/runtime';
import type { Bench } from './bench.ts';
import { kube } from './kube.ts';
import { mic } from './mic.ts';
import { nmi } from './nmi.ts';
import { rollout } from './rollout.ts';
import { startup } from './startup.ts';

const NAME = 'bench';
const benches: Readonly<Record<string, Bench>> = { kube, mic, nmi, rollout, startup };

const flags: FlagTable = { help: boolFlag({ default: false, help: 'Prints this text.', aliases: ['h'] }) };

function overview(): string {
  const lines = Object.entries(benches).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  const usage = 'npm run bench -- <name> [flags]';
  return `${[`Usage: ${usage}`, '', ...lines, '', 'Each one has a --help of its own.'].join('\n')}\n`;
}

runMain(NAME, async ({ argv: [name = '--help', ...argv], env, signal }: MainContext) => {
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (bench !== undefined && argv.some((argument) => /^--?h(elp)?$/.test(argument))) {
    const program = { name: `npm run bench -- ${name}`, summary: bench.summary };
    process.stdout.write(helpText(program, { ...bench.flags, ...flags }));
  } else if (bench !== undefined) {
    await bench.run({ argv, env, signal });
  } else if (/^--?h(elp)?$/.test(name)) {
    process.stdout.write(overview());
  } else {
    throw new UsageError(`there is no bench ${JSON.stringify(name)}; known are ${Object.keys(benches).join(', ')}`);
  }
});
