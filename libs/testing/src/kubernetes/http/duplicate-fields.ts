/** What a JSON text consists of, as far as finding fields needs it: strings, braces, brackets, colons, commas. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gy;
const SPACE_OR_VALUE = /[^"{}[\],:]+/gy;

interface Level {
  readonly path: string;
  /** Undefined in a list. */
  readonly fields: Set<string> | undefined;
  index: number;
  field: string;
}

function child(level: Level | undefined): string {
  if (level === undefined) return '';
  if (level.fields === undefined) return `${level.path}[${level.index}]`;
  return level.path === '' ? level.field : `${level.path}.${level.field}`;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at;
    const [token] = TOKEN.exec(text) ?? [];
    if (token !== undefined) tokens.push(token);
    SPACE_OR_VALUE.lastIndex = at;
    at += token?.length ?? SPACE_OR_VALUE.exec(text)?.[0].length ?? 1;
  }
  return tokens;
}

/** The paths of fields that stand more than once in an object of a JSON text; the text must be valid. */
export function duplicateFields(text: string): string[] {
  const stack: Level[] = [];
  const found: string[] = [];
  const tokens = tokensOf(text);
  tokens.forEach((token, position) => {
    const top = stack.at(-1);
    if (token === '{' || token === '[') {
      stack.push({ path: child(top), fields: token === '{' ? new Set() : undefined, index: 0, field: '' });
    } else if (token === '}' || token === ']') stack.pop();
    else if (token === ',' && top !== undefined) top.index += 1;
    else if (top?.fields !== undefined && tokens[position + 1] === ':') {
      top.field = JSON.parse(token) as string;
      if (top.fields.has(top.field)) found.push(child(top));
      top.fields.add(top.field);
    }
  });
  return found;
}
