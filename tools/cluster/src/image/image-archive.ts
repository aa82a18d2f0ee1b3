import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { tar, type TarEntry } from './tar.ts';

export interface ImageRequest {
  /** With a tag other than `latest`, which kubelet would try to pull. */
  readonly name: string;
  /** What is in it; the folders that hold it are added. */
  readonly entries: readonly TarEntry[];
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

function parents(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' || parent === '/' ? [] : [...parents(parent), parent];
}

function withFolders(entries: readonly TarEntry[]): TarEntry[] {
  const given = new Set(entries.map(({ path }) => path));
  const missing = new Set(entries.flatMap(({ path }) => parents(path)).filter((path) => !given.has(path)));
  return [...[...missing].sort().map((path): TarEntry => ({ kind: 'folder', path })), ...entries];
}

/** An image of one layer as `docker save` writes it, made without a daemon; equal requests give equal bytes. */
export function imageArchive(request: ImageRequest, arch: string = process.arch): Buffer {
  const layer = tar(withFolders(request.entries));
  const config = JSON.stringify({
    ...{ architecture: ARCHITECTURES[arch] ?? arch, os: 'linux', created: '1970-01-01T00:00:00Z' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ...{ Entrypoint: request.entrypoint, Cmd: request.command ?? [], User: request.user ?? '', WorkingDir: '/' },
    },
  });
  const [configFile, layerFile] = [`${sha256(config)}.json`, `${sha256(layer)}/layer.tar`];
  const manifest = [{ Config: configFile, RepoTags: [request.name], Layers: [layerFile] }];
  const file = (path: string, content: Buffer | string): TarEntry => ({
    ...{ kind: 'file', path, content: Buffer.from(content) },
  });
  return tar([
    file(configFile, config),
    { kind: 'folder', path: sha256(layer) },
    file(layerFile, layer),
    file('manifest.json', JSON.stringify(manifest)),
  ]);
}
