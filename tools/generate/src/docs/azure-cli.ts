import { wordsOf } from './commands.ts';

interface Command {
  /** Options of which each must be there; one of several spellings. */
  readonly needs: readonly (readonly string[])[];
  readonly may?: readonly string[];
}

const GROUP = ['-g', '--resource-group'];
const NAME = ['-n', '--name'];

/** The commands of the Azure CLI that the pages have, with the options that each must and may have. */
const COMMANDS: Readonly<Record<string, Command>> = {
  login: { needs: [] },
  'account set': { needs: [['-s', '--subscription']] },
  'account show': { needs: [] },
  'group list': { needs: [] },
  'group create': { needs: [NAME, ['-l', '--location']] },
  'group show': { needs: [NAME] },
  'group delete': { needs: [NAME], may: ['--yes', '--no-wait'] },
  'aks create': {
    needs: [GROUP, NAME],
    may: ['--node-count', '--network-plugin', '--enable-managed-identity', '--generate-ssh-keys', '--location'],
  },
  'aks show': { needs: [GROUP, NAME] },
  'aks get-credentials': { needs: [GROUP, NAME] },
  'aks nodepool add': { needs: [], may: ['--node-init-taints', '--cluster-name', '-g', '-n', '--resource-group'] },
  'aks nodepool update': { needs: [], may: ['--node-init-taints', '--cluster-name', '-g', '-n', '--resource-group'] },
  'identity create': { needs: [GROUP, NAME] },
  'identity show': { needs: [GROUP, NAME] },
  'identity list': { needs: [], may: GROUP },
  'role assignment create': {
    needs: [['--role'], ['--scope'], ['--assignee', '--assignee-object-id']],
    may: ['--assignee-principal-type'],
  },
  'role assignment list': { needs: [], may: ['--assignee', '--scope', '--all'] },
  'ad sp create-for-rbac': { needs: [NAME], may: ['--skip-assignment'] },
  'ad app credential reset': { needs: [['--id']], may: ['--append'] },
  'ad app credential list': { needs: [['--id']] },
  'vmss identity assign': { needs: [GROUP, NAME, ['--identities']] },
  'vmss identity show': { needs: [GROUP, NAME] },
  'vm identity show': { needs: [GROUP, NAME] },
};
const OF_ALL = ['--query', '-o', '--output', '--subscription', '--only-show-errors'];

/** The commands of az in a line of shell, those in `$(...)` as well. */
const CALL = /(?:^|[\s(;|&])az ([^|;&)]*)/g;

/** What is wrong with the calls of az in a command, a line each. */
export function azureProblems(command: string): string[] {
  return [...command.matchAll(CALL)].flatMap(([, rest = '']) => callProblems(rest));
}

function callProblems(rest: string): string[] {
  const words = wordsOf(rest);
  const plain = words.findIndex((word) => word.startsWith('-'));
  const name = words.slice(0, plain === -1 ? words.length : plain).join(' ');
  const known = COMMANDS[name];
  if (known === undefined) return [`az ${name}: not in the table of azure-cli.ts`];
  // a sentence may name a command without its options
  if (words.length === name.split(' ').length) return [];
  const options = words.filter((word) => /^-{1,2}[a-z]/.test(word)).map((word) => word.split('=')[0] ?? '');
  const allowed = [...known.needs.flat(), ...(known.may ?? []), ...OF_ALL];
  const missing = known.needs.filter((spellings) => !spellings.some((option) => options.includes(option)));
  return [
    ...missing.map((spellings) => `az ${name}: ${spellings.join(' or ')} is missing`),
    ...options.filter((option) => !allowed.includes(option)).map((option) => `az ${name}: ${option} is no option`),
  ];
}
