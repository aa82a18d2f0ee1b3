/** Whose token it is, as far as its payload tells; every part may be missing. */
export interface Claims {
  readonly appid?: string;
  readonly oid?: string;
  readonly aud?: string;
  readonly tid?: string;
  readonly exp?: number;
}

/** Reads a JWT's payload without verifying it: the demo reports its content, it decides nothing by it. */
export function readClaims(token: string): Claims {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof payload === 'object' && payload !== null ? payload : {};
  } catch {
    return {};
  }
}
