import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { DEBIAN_TOOLS } from '../bring/debian-tools.ts';
import { imageArchive } from './image-archive.ts';
import type { TarEntry } from './tar.ts';

/** What every pod's first container is made of. */
export function pauseImage(name: string, pause: string): Buffer {
  const entries: TarEntry[] = [{ kind: 'file', path: 'pause', content: readFileSync(pause), mode: 0o755 }];
  return imageArchive({ name, entries, entrypoint: ['/pause'] });
}

/** A program of this machine with the shared libraries that it needs. */
export function programEntries(program: string, path = program): TarEntry[] {
  const listing = execFileSync('ldd', [program], { encoding: 'utf8' });
  const libraries = listing.split('\n').flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  const file = (from: string, to: string): TarEntry => ({
    ...{ kind: 'file', path: to.replace(/^\//, ''), content: readFileSync(from), mode: 0o755 },
  });
  return [file(program, path), ...libraries.map((library) => file(library, library))];
}

/** A shell and the usual commands, from Debian's `busybox-static`; it sleeps until it is told otherwise. */
export function busyboxImage(name: string, further: readonly TarEntry[] = []): Buffer {
  const busybox = DEBIAN_TOOLS['busybox-static'];
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  const entries: TarEntry[] = [
    { kind: 'file', path: 'bin/busybox', content: readFileSync(busybox), mode: 0o755 },
    ...applets
      .filter((applet) => applet !== 'busybox')
      .map((applet): TarEntry => ({ kind: 'link', path: `bin/${applet}`, target: 'busybox' })),
    { kind: 'file', path: 'etc/passwd', content: Buffer.from('root:x:0:0:root:/root:/bin/sh\n') },
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
    ...further,
  ];
  return imageArchive({ name, entries, entrypoint: [], command: ['/bin/sh', '-c', 'exec sleep 1000000'] });
}
