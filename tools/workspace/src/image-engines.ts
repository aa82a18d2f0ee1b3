/** What can build an image from a Dockerfile, in the order in which they are tried. */
export const ENGINES = {
  /** Its client is often there without the engine, which only `version` with both tells. */
  docker: { probe: ['docker', 'version'], build: ['docker', 'build'] },
  podman: { probe: ['podman', 'info'], build: ['podman', 'build'] },
  buildah: { probe: ['buildah', '--version'], build: ['buildah', 'build', '--layers=false'] },
} as const satisfies Record<string, { probe: readonly string[]; build: readonly string[] }>;

export type EngineName = keyof typeof ENGINES;

export interface ImageBuild {
  readonly engine: EngineName;
  readonly dockerfile: string;
  readonly context: string;
  readonly tag: string;
  /** Build arguments; those without a value stay the Dockerfile's. */
  readonly args: Readonly<Record<string, string>>;
}

export function buildCommand({ engine, dockerfile, context, tag, args }: ImageBuild): readonly string[] {
  const given = Object.entries(args).filter(([, value]) => value !== '');
  const options = given.map(([name, value]) => `--build-arg=${name}=${value}`);
  return [...ENGINES[engine].build, '--file', dockerfile, '--tag', tag, ...options, context];
}
