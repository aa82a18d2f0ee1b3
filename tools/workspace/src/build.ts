/**
 * Bundles one program for its image: `node tools/workspace/src/build.ts <app> [<outdir>]`.
 * The result is `dist/apps/<app>/main.js` plus the chunks that the program loads only when it needs them.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { leanImports } from './lean-imports.ts';

const workspaceRoot = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Some dependencies are CommonJS and call `require` for Node's own modules, which an ES module lacks. */
const REQUIRE_FOR_COMMONJS =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** @returns the commit of the checkout, shortened, with `+changes` if the tree differs; `unknown` without git. */
export function commitOf(root: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const commit = git('rev-parse', '--short=12', 'HEAD');
    return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}+changes`;
  } catch {
    return 'unknown';
  }
}

/** Bundles `app` into `outdir` and returns the size of its entry in bytes. */
export async function bundle(app: string, outdir: string, commit = commitOf(workspaceRoot)): Promise<number> {
  const manifest = JSON.parse(readFileSync(join(workspaceRoot, 'package.json'), 'utf8')) as { version: string };
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: [join(workspaceRoot, 'apps', app, 'src/main.ts')],
    outdir,
    bundle: true,
    splitting: true,
    // Names stay, for stacks. What else keeps them (`keepNames`) costs a call for each closure that is made: docs/performance.md.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'linked',
    sourcesContent: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    legalComments: 'linked',
    logLevel: 'warning',
    plugins: [leanImports(workspaceRoot)],
    banner: { js: REQUIRE_FOR_COMMONJS },
    define: { __APP_VERSION__: JSON.stringify(manifest.version), __APP_COMMIT__: JSON.stringify(commit) },
  });
  return statSync(join(outdir, 'main.js')).size;
}

if (import.meta.main) {
  const [app = '', outdir = join(workspaceRoot, 'dist/apps', app)] = process.argv.slice(2);
  const bytes = await bundle(app, outdir);
  process.stdout.write(`${app}: ${outdir}/main.js, ${Math.round(bytes / 1024)} KiB\n`);
}
