/** What NMI reads in an access token. Nothing is granted because of it. */
export interface Claims {
  /** The principal, in lower case. */
  readonly objectId: string | undefined;
  /** Of a managed identity: its resource id. */
  readonly resourceId: string | undefined;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The claims of a JWT; none for anything else. The signature is its audience's to check. */
export function claimsOf(token: string): Claims {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const { oid, xms_mirid } = (claims ?? {}) as Record<string, unknown>;
    return { objectId: textOf(oid)?.toLowerCase(), resourceId: textOf(xms_mirid) };
  } catch {
    return { objectId: undefined, resourceId: undefined };
  }
}
