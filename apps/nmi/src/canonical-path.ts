/**
 * The one reading of a request's path. The service behind NMI may fold case, backslashes, repeated slashes, dot
 * segments and encodings of any depth, so whatever any server could take for another path is reduced to one form here,
 * once, and every decision is made on that form.
 */
export interface CanonicalPath {
  /** Begins with one `/`; letters, digits and `._~-` in its segments, and nothing else. Case as it came. */
  readonly path: string;
  /** Whether the request spelled it exactly so. */
  readonly asSent: boolean;
}

/** More layers of encoding than this are an attack on whoever decodes them. */
const MAX_DECODINGS = 8;

/** Deliberately few characters: no path that may be asked for needs another. */
const SEGMENT = /^[A-Za-z0-9._~-]*$/;

function decodeOnce(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Decodes until nothing changes any more; undefined if that takes too long. */
function decodeFully(text: string): string | undefined {
  let before = text;
  for (let round = 0; round < MAX_DECODINGS; round++) {
    const after = decodeOnce(before);
    if (after === before) return after;
    before = after;
  }
  return undefined;
}

/** The segments with `.` and `..` carried out; undefined if one of them could be read in two ways. */
function resolveSegments(segments: readonly string[]): string[] | undefined {
  const resolved: string[] = [];
  for (const segment of segments) {
    if (segment === '..') resolved.pop();
    else if (segment !== '.' && segment !== '') {
      // Some servers drop dots at the end of a segment.
      if (!SEGMENT.test(segment) || segment.endsWith('.')) return undefined;
      resolved.push(segment);
    }
  }
  return resolved;
}

/** The canonical form of a request target without its query; undefined if it has none that is beyond doubt. */
export function canonicalPath(sent: string): CanonicalPath | undefined {
  if (!sent.startsWith('/')) return undefined;
  const segments = decodeFully(sent)?.replaceAll('\\', '/').split('/');
  const resolved = segments && resolveSegments(segments);
  if (segments === undefined || resolved === undefined) return undefined;
  const atEnd = resolved.length > 0 && ['', '.', '..'].includes(segments.at(-1) ?? '') ? '/' : '';
  const path = `/${resolved.join('/')}${atEnd}`;
  return { path, asSent: path === sent };
}
