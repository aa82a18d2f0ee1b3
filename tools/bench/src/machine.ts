import { cpus, totalmem } from 'node:os';

/** Where figures were measured, for the line above a table. */
export function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} x ${model}, ${memory} GiB, Node ${process.version}, ${process.platform} ${process.arch}`;
}
