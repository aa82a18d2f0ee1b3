/** One token request, as NMI's log tells it. */
export interface TokenRequestRecord {
  readonly time: string;
  readonly remote: string;
  readonly status: number;
  readonly milliseconds: number;
  /** What was matched or why not, in NMI's own words; client ids are redacted there already. */
  readonly detail: string;
}

const FIELD = /([\w.-]+)=("(?:[^"\\]|\\.)*"|\S*)/g;
const STATUS = /^Status \((\d+)\) took (\d+) ns$/;

/** The fields of one logfmt line. */
export function readLogfmt(line: string): Record<string, string> {
  const pairs = [...line.matchAll(FIELD)].map(([, name = '', value = '']) => [name, unquote(value)] as const);
  return Object.fromEntries(pairs);
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1);
  }
}

/**
 * Pairs each request's `Status (...) took ...` line with the last thing that was said of the same remote before it.
 * @param keep how many of the newest requests are returned, newest first
 */
export function readTokenRequests(log: string, keep: number): TokenRequestRecord[] {
  const said = new Map<string, string>();
  const requests: TokenRequestRecord[] = [];
  for (const line of log.split('\n')) {
    const fields = readLogfmt(line);
    const remote = fields['req.remote'];
    if (remote === undefined || fields['req.path']?.includes('/token') !== true) continue;
    const status = STATUS.exec(fields.msg ?? '');
    if (status === null) said.set(remote, fields.msg ?? '');
    else requests.push(record(fields, remote, status, said.get(remote)));
  }
  return requests.slice(-keep).reverse();
}

function record(
  fields: Record<string, string>,
  remote: string,
  [, status, nanoseconds]: RegExpExecArray,
  detail = '',
): TokenRequestRecord {
  const milliseconds = Math.round(Number(nanoseconds) / 1e4) / 100;
  return { time: fields.time ?? '', remote, status: Number(status), milliseconds, detail };
}
