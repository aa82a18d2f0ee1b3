const NEWLINE = 10;

/** etcd holds objects of up to 1.5 MB; as JSON with its event around it, one is far below this. */
export const MAX_LINE_BYTES = 32 * 1024 * 1024;

export interface LineDecoder {
  /** Calls `onLine` with each line that `chunk` completes, to be read during the call; empty ones are passed over. */
  push(chunk: Buffer, onLine: (line: Buffer) => void): void;
  /** Bytes of a line that has not ended yet. */
  readonly pendingBytes: number;
}

/**
 * Cuts a byte stream into lines. Chunks may end anywhere, also inside a character: a line is handed on only when it is
 * complete, and the pieces of a long one are joined once, so the cost is linear.
 * @throws RangeError from `push` when a line grows beyond `maxLineBytes`.
 */
export function createLineDecoder(maxLineBytes: number = MAX_LINE_BYTES): LineDecoder {
  let pieces: Buffer[] = [];
  let pendingBytes = 0;

  function keep(piece: Buffer): void {
    if (piece.length === 0) return;
    pendingBytes += piece.length;
    if (pendingBytes > maxLineBytes) throw new RangeError(`a line is longer than ${maxLineBytes} bytes`);
    pieces.push(piece);
  }

  function join(last: Buffer): Buffer {
    pieces.push(last);
    const line = Buffer.concat(pieces, pendingBytes + last.length);
    pieces = [];
    pendingBytes = 0;
    return line;
  }

  return {
    push(chunk, onLine) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        const line = pendingBytes > 0 ? join(chunk.subarray(start, end)) : chunk.subarray(start, end);
        start = end + 1;
        if (line.length > 0) onLine(line);
      }
      keep(start === 0 ? chunk : chunk.subarray(start));
    },
    get pendingBytes() {
      return pendingBytes;
    },
  };
}
