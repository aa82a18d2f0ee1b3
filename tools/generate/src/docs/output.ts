const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const oneSpace = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/**
 * Whether what was printed ends with what a page shows, for that is of the last command of a block: `...` stands for
 * anything, and how far columns are apart counts for nothing.
 */
export function showsOutput(shown: string, printed: string): boolean {
  const parts = oneSpace(shown)
    .split('...')
    .map((part) => escaped(part.trim()));
  return new RegExp(`(^| )${parts.join('[^]*')}$`).test(oneSpace(printed));
}
