import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** Some dependencies are CommonJS and call `require` for Node's own modules, which an ES module lacks. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Bundles programs of this folder, each into one file, so that what is measured runs as it would in an image. */
export async function bundleInto(folder: string, programs: readonly string[]): Promise<void> {
  await build({
    entryPoints: programs.map((program) => join(here, program)),
    outdir: folder,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    ...{ bundle: true, splitting: true, minify: true, keepNames: true, platform: 'node', format: 'esm' },
    target: 'node24',
    logLevel: 'warning',
    banner: { js: REQUIRE },
  });
}
