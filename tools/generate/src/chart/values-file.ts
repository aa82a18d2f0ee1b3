import { isMap, isScalar, parseDocument, stringify, type Pair } from 'yaml';

/** One value that can be set: where, what it is unless set, and what it means. */
export interface ValueRow {
  readonly path: string;
  readonly default: unknown;
  readonly help: string;
}

const oneLine = (comment: string): string =>
  comment
    .replaceAll(/^ /gm, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();

/** The paragraph that stands right above a key; paragraphs before it are about something else. */
function helpAbove(comments: readonly (string | null | undefined)[]): string {
  const text = comments.filter((comment) => typeof comment === 'string').join('\n');
  return oneLine(text.split(/\n\s*\n/).at(-1) ?? '');
}

/**
 * The values of a values file with the comments above them: every key that has one is a value, all others are folders.
 * @throws an Error that names a key without a comment that is no folder
 */
export function readValues(text: string): ValueRow[] {
  const document = parseDocument(text);
  if (!isMap(document.contents)) throw new Error('the values are no map');
  return rowsOf(document.contents.items, '', '');
}

function rowsOf(pairs: readonly Pair[], prefix: string, above: string): ValueRow[] {
  return pairs.flatMap((pair, index) => {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const path = `${prefix}${key}`;
    // the parser puts what stands above the first key of a map before the map itself
    const own = isScalar(pair.key) ? pair.key.commentBefore : undefined;
    const help = helpAbove([index === 0 ? above : '', own]);
    const inner: readonly Pair[] = isMap(pair.value) ? pair.value.items : [];
    if (help !== '') return [{ path, default: valueOf(pair), help }];
    if (inner.length === 0) throw new Error(`values.yaml: ${path} has no comment that says what it means`);
    return rowsOf(inner, `${path}.`, isMap(pair.value) ? (pair.value.commentBefore ?? '') : '');
  });
}

function valueOf({ value }: Pair): unknown {
  return value === null ? null : (value as { toJSON(): unknown }).toJSON();
}

/** A default as a cell of a table shows it. */
export function shownDefault(value: unknown): string {
  if (value === '' || value === null) return '';
  if (typeof value !== 'object') return `\`${JSON.stringify(value).replaceAll('"', '')}\``;
  if (Object.keys(value).length === 0) return Array.isArray(value) ? '`[]`' : '`{}`';
  return `\`${stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()}\``;
}
