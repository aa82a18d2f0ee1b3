/** Where the sandbox prints, and whether somebody still reads it. */
export interface Output {
  readonly print: (line: string) => void;
  /** Aborts when the sandbox is told to stop, or when what it prints goes nowhere any more, as after `| head -1`. */
  readonly signal: AbortSignal;
}

/** @param told aborts when the sandbox is told to stop */
export function openOutput(stream: NodeJS.WritableStream, told: AbortSignal): Output {
  const closed = new AbortController();
  stream.on('error', (error: Error) => {
    closed.abort(new Error(`nothing can be printed any more: ${error.message}`));
  });
  return {
    print: (line) => {
      if (!closed.signal.aborted) stream.write(`${line}\n`);
    },
    signal: AbortSignal.any([told, closed.signal]),
  };
}
