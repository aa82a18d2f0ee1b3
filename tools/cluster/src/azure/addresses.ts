/** Where the simulated Azure is: a network namespace of its own, with one link to the node and none to this machine. */
export const METADATA_ADDRESS = '169.254.169.254';
export const NODE_SIDE = '10.201.0.1';
export const RESOLVER_ADDRESS = '10.201.0.2';

/** The names that production has, each with an address of its own, so that all may have the port of HTTPS. */
export const AZURE_NAMES = {
  'login.microsoftonline.com': '10.201.0.3',
  'management.azure.com': '10.201.0.4',
} as const;

const NODE_LINK = 'azure0';
const AZURE_LINK = 'eth0';
const PREFIX_LENGTH = 29;

/** Makes the link between the two namespaces; neither end is ever in this machine's own. */
export function linkCommand(node: number, azure: number): string[] {
  return [
    ...['ip', 'link', 'add', 'name', NODE_LINK, 'netns', String(node), 'type', 'veth'],
    ...['peer', 'name', AZURE_LINK, 'netns', String(azure)],
  ];
}

/** Removes both ends, run at the node's. */
export function unlinkCommand(): string[] {
  return ['ip', 'link', 'delete', NODE_LINK];
}

/** Whether the namespace of that process has its end of the link, by its `/proc/<pid>/net/dev`. */
export function hasLink(netDev: string): boolean {
  return netDev.split('\n').some((line) => line.trim().startsWith(`${NODE_LINK}:`));
}

/** The node's end. The route is the only one that leads to the metadata service. */
export function nodeCommands(): string[][] {
  return [
    ['ip', 'address', 'add', `${NODE_SIDE}/${PREFIX_LENGTH}`, 'dev', NODE_LINK],
    ['ip', 'link', 'set', NODE_LINK, 'up'],
    ['ip', 'route', 'add', `${METADATA_ADDRESS}/32`, 'via', RESOLVER_ADDRESS, 'dev', NODE_LINK],
  ];
}

/** Azure's end. Answers to pods go back by the node, so that Azure sees who asked: nobody stands in for a pod. */
export function azureCommands(): string[][] {
  const addresses = [RESOLVER_ADDRESS, ...Object.values(AZURE_NAMES)].map((address) => `${address}/${PREFIX_LENGTH}`);
  return [
    ['ip', 'link', 'set', 'lo', 'up'],
    ...[...addresses, `${METADATA_ADDRESS}/32`].map((address) => [
      ...['ip', 'address', 'add', address, 'dev', AZURE_LINK],
    ]),
    ['ip', 'link', 'set', AZURE_LINK, 'up'],
    ['ip', 'route', 'add', 'default', 'via', NODE_SIDE],
  ];
}
