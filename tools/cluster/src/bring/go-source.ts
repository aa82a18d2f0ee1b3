import { createHash } from 'node:crypto';
import type { GoTool } from './go-tools.ts';

/** What a tool is built from; its cached binary is named after all of it. */
export interface GoSource {
  readonly version: string;
  /** The oldest Go that builds it. */
  readonly go: string;
  readonly digest: string;
}

/** The version that a go.mod requires of `module`, or undefined. */
export function requiredVersion(modText: string, module: string): string | undefined {
  const words = modText.split('\n').map((line) => line.trim().replace(/^require\s+/, ''));
  return words.find((line) => line.startsWith(`${module} v`))?.split(/\s+/)[1];
}

export function requiredGo(modText: string): string {
  return /^go (\S+)$/m.exec(modText)?.[1] ?? '1.24';
}

/** @param files contents of the module file, of its checksums and of the program, in this order */
export function goSource(tool: GoTool, files: readonly string[]): GoSource {
  const modText = files[0] ?? '';
  const version = tool.module === '' ? 'v1' : requiredVersion(modText, tool.module);
  if (version === undefined) throw new Error(`${tool.folder}/${tool.modFile} does not require ${tool.module}`);
  const hash = createHash('sha256');
  for (const text of [...files, JSON.stringify(tool.stamp(version))]) hash.update(text).update('\0');
  return { version, go: requiredGo(modText), digest: hash.digest('hex').slice(0, 10) };
}

/** Name of the cached folder: another version, or another module file, is another folder. */
export function cacheKey(tool: GoTool, { version, digest }: GoSource): string {
  return `${tool.binary}-${version}-${digest}`;
}

export function buildArguments(tool: GoTool, source: GoSource, folder: string, output: string): string[] {
  const variables = Object.entries(tool.stamp(source.version)).map(([name, value]) => `-X ${name}=${value}`);
  return [
    ...['build', '-C', folder, `-modfile=${tool.modFile}`, '-mod=readonly', '-trimpath', '-buildvcs=false'],
    ...['-ldflags', ['-s', '-w', ...variables].join(' '), '-o', output, tool.goPackage],
  ];
}

/** Nothing of the caller's Go settings that would change the result; a missing toolchain is never downloaded. */
export function buildEnvironment(env: NodeJS.ProcessEnv, goCache: string): NodeJS.ProcessEnv {
  return { ...env, GOCACHE: goCache, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GOTOOLCHAIN: 'local' };
}

function numbers(version: string): number[] {
  return version
    .replace(/^go/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0);
}

/** Whether Go `found` (`go1.26.8`) can build what asks for `wanted` (`1.26.0`). */
export function isGoEnough(found: string, wanted: string): boolean {
  const [a, b] = [numbers(found), numbers(wanted)];
  for (let at = 0; at < b.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
