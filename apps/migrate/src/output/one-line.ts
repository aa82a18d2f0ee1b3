const hex = (character: string): string => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** `text` without anything that ends a line, moves a terminal's cursor or hides a part: it shows as its code. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, hex);
}

/** A comment of one line, for YAML and shells alike. */
export const comment = (text: string): string => `# ${oneLine(text)}\n`;
