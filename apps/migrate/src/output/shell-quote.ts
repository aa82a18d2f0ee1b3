const PLAIN = /^[A-Za-z0-9_/:.,+-]+$/;

/** What a shell reads nothing into between double quotes. */
const CALM = /^[^$`"\\!\n\r]*$/;

/** `text` as one word of a POSIX shell, whatever is in it. @throws RangeError for a NUL, which no word can hold */
export function shellQuote(text: string): string {
  if (text.includes('\0')) throw new RangeError('a NUL cannot be in a word of a shell');
  if (PLAIN.test(text)) return text;
  if (text.includes("'") && CALM.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
