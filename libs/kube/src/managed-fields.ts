/**
 * How the API server writes `managedFields` into an object of a built-in type, in the order of Go's structs. The keys of
 * a custom resource come sorted, `apiVersion` first, so none of its own fields is taken for it. A comma before a quote
 * stands in no JSON string unescaped: what is found is a key, whatever texts the object holds.
 */
const START = ',"managedFields":[{"manager":"';
const ARRAY_AT = START.indexOf('[');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Brackets and braces differ in one bit: `[` and `{`, `]` and `}`. */
const CASE_BIT = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** The index of the quote that ends the string which begins at `start`, or of the end of the text. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return text.length;
}

/** The index after the array that opens at `start`; beyond the end of the text if it never closes. */
function afterArray(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if ((code | CASE_BIT) === OPEN) depth++;
    else if ((code | CASE_BIT) === CLOSE) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return Infinity;
}

/**
 * JSON text without the `managedFields` of its objects: about a third of a pod, read by nobody here, and far cheaper to
 * skip than to parse. Text that is not JSON stays so.
 */
export function withoutManagedFields(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (let at = text.indexOf(START); at !== -1; at = text.indexOf(START, from)) {
    const end = afterArray(text, at + ARRAY_AT);
    if (end > text.length) break;
    pieces.push(text.slice(from, at));
    from = end;
  }
  return from === 0 ? text : pieces.join('') + text.slice(from);
}
