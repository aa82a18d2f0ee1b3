const GAP = ' [...] ';
/** The beginning says what happened and to whom, which takes more words than the cause at the end. */
const HEAD_SHARE = 0.6;

const isInsideCharacter = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** `text` in at most `maxBytes` of UTF-8. Of what is longer the middle goes, for a sentence names the cause at its end. */
export function fitted(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  const room = Math.max(0, maxBytes - GAP.length);
  let head = Math.ceil(room * HEAD_SHARE);
  let tail = bytes.length - (room - head);
  while (isInsideCharacter(bytes[head])) head--;
  while (isInsideCharacter(bytes[tail])) tail++;
  return `${bytes.toString('utf8', 0, head)}${GAP}${bytes.toString('utf8', tail)}`;
}
