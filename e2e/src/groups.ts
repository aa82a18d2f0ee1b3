/** Files that put links, namespaces or control groups on the machine, or look whether any are there: never two at once. */
export const CLUSTER_FILES = 'e2e/test/(node/|network/|cluster/node)';

/**
 * The arguments for Jest of each group of files; groups run side by side, the files of one after another. Two groups,
 * for a file waits more than it works, and the machines that this is for have two cores. Who names files gets one group.
 */
export function groupsOf(argv: readonly string[], alone: string): string[][] {
  if (argv.some((argument) => !argument.startsWith('-'))) return [[...argv]];
  return [
    [...argv, `--testPathPatterns=${alone}`],
    [...argv, `--testPathIgnorePatterns=${alone}`],
  ];
}
