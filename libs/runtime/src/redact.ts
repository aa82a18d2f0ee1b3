/** The one place where what must not be read is made unreadable. */

const HIDDEN = '##### REDACTED #####';

/** An id with its middle hidden, `e074##### REDACTED #####0f68`: enough to compare, too little to use. */
export function redactId(id: string): string {
  return id.length < 9 ? HIDDEN : id.slice(0, 4) + HIDDEN + id.slice(-4);
}

const SECRET_NAMES = [
  'access_token',
  'refresh_token',
  'id_token',
  'client_secret',
  'client_assertion',
  'clientSecret',
  'password',
  'assertion',
].join('|');

/**
 * Each finds one form of a secret; the groups before and after it stay. The backslashes let them find JSON that was
 * quoted inside another string as well.
 */
const SECRETS: readonly RegExp[] = [
  /()eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?()/g,
  /(bearer\s+)[\w~+/.=-]{8,}()/gi,
  new RegExp(String.raw`(\b(?:${SECRET_NAMES})=)[^&\s"'\\]+()`, 'gi'),
  new RegExp(String.raw`(\\*["'](?:${SECRET_NAMES})\\*["']\s*:\s*\\*["'])[^"'\\]+()`, 'gi'),
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[^]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** A quick test that spares clean lines the search: nearly all of them. It finds whatever any of `SECRETS` may find. */
const SUSPECT = new RegExp(String.raw`eyJ[\w-]|bearer\s|(?:${SECRET_NAMES})(?:=|\\*["'])|PRIVATE KEY`, 'i');

/** `text` without tokens, secrets, assertions and private keys, whatever they were quoted in. */
export function redactSecrets(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return SECRETS.reduce((clean, secret) => clean.replace(secret, `$1${HIDDEN}$2`), text);
}
