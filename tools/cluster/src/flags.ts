import { boolFlag, listFlag, stringFlag, UsageError, type FlagValues } from '@aad-pod-identity/runtime';
import { DEFAULT_KUBERNETES, KUBERNETES_VERSIONS } from './bring/go-tools.ts';
import { clustersFolder, DEFAULT_NAME } from './plan/layout.ts';
import { PROXY_MODES } from './plan/options.ts';
import { PROFILES } from './plan/profiles.ts';

const help = boolFlag({ default: false, aliases: ['h'], help: 'print this text and exit' });
const kubernetes = stringFlag({
  ...{ default: DEFAULT_KUBERNETES, oneOf: KUBERNETES_VERSIONS, help: 'minor version of Kubernetes' },
});
const where = {
  name: stringFlag({ default: DEFAULT_NAME, help: 'name of the cluster; those of different names live side by side' }),
  folder: stringFlag({
    default: '',
    help: `folder of all that belongs to the cluster; empty: its name in ${clustersFolder()}`,
  }),
};

export const buildFlags = {
  kubernetes,
  only: listFlag({ default: [], help: 'build or install only these, by the names that a build prints' }),
  help,
};

export const upFlags = {
  profile: stringFlag({
    ...{ default: 'control-plane', oneOf: PROFILES },
    help: 'what the cluster consists of: API server alone, with simulated nodes, or with a real one (root)',
  }),
  ...where,
  kubernetes,
  scheduler: boolFlag({ default: false, help: 'a scheduler for the profile control-plane; the others have one' }),
  fresh: boolFlag({ default: false, help: 'begin anew although the cluster runs' }),
  'audit-policy': stringFlag({ default: '', help: 'audit policy file of the API server; see logs/audit.log' }),
  'admission-configuration': stringFlag({ default: '', help: 'AdmissionConfiguration file of the API server' }),
  'feature-gates': listFlag({ default: [], help: 'feature gates of all components, as Name=true' }),
  'runtime-config': listFlag({ default: [], help: 'API versions to serve that are off by default, as group/v1=true' }),
  'proxy-mode': stringFlag({ default: 'iptables', oneOf: PROXY_MODES, help: 'how kube-proxy serves Services' }),
  azure: boolFlag({ default: false, help: 'a simulated Azure around the real node' }),
  'azure-state': stringFlag({ default: '', help: 'JSON file of what that Azure holds; empty: a scale set of one' }),
  'cloud-config': stringFlag({ default: '', help: "JSON file for the node's /etc/kubernetes/azure.json" }),
  help,
};

export const whereFlags = { ...where, help };

export type BuildFlags = FlagValues<typeof buildFlags>;
export type UpFlags = FlagValues<typeof upFlags>;
export type WhereFlags = FlagValues<typeof whereFlags>;

/** `Name=true` texts as a table. @throws UsageError at the first that is none */
export function readGates(texts: readonly string[]): Record<string, boolean> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^(\w+)=(true|false)$/.exec(text) ?? [];
      if (name === undefined)
        throw new UsageError(`--feature-gates: ${JSON.stringify(text)} is not Name=true or Name=false`);
      return [name, value === 'true'];
    }),
  );
}
