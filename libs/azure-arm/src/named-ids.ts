import { idKey, parseIdentityId } from './resource-id.ts';

/** ARM sets ids in quotes, sometimes several with commas, sometimes inside JSON inside quotes. */
const DELIMITERS = /['"\\,;]/;

/**
 * The identities that an error of ARM blames, lower-cased: the only place where ARM's text is read, since its errors
 * carry the ids nowhere else. Of all that stands between delimiters counts what was sent (even if it is no proper id)
 * and what is the id of a user-assigned identity.
 */
export function namedIds(text: string, sent: readonly string[]): string[] {
  const sentKeys = new Set(sent.map(idKey));
  const parts = text.split(DELIMITERS).map((part) => idKey(part.trim()));
  return [...new Set(parts.filter((part) => sentKeys.has(part) || parseIdentityId(part) !== undefined))];
}
