import { exceptionMatches, POD_LABEL } from '@aad-pod-identity/crd-types';
import type { World } from '../world/views.ts';
import type { Draft } from './account-plans.ts';
import { otherLabels, type Unit } from './units.ts';

export type Sentences = readonly string[];

/** Where the template of a kind's pods is; other kinds have none that can be changed. */
export const TEMPLATE_PATHS: Readonly<Record<string, readonly string[]>> = {
  'apps/v1 Deployment': ['spec', 'template'],
  'apps/v1 StatefulSet': ['spec', 'template'],
  'apps/v1 DaemonSet': ['spec', 'template'],
  'apps/v1 ReplicaSet': ['spec', 'template'],
  'batch/v1 CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
};

export const templatePath = ({ apiVersion, kind }: Pick<Unit, 'apiVersion' | 'kind'>): readonly string[] | undefined =>
  Object.hasOwn(TEMPLATE_PATHS, `${apiVersion} ${kind}`) ? TEMPLATE_PATHS[`${apiVersion} ${kind}`] : undefined;

const DELETE_PODS = 'its pods are replaced only when you delete them, after each change of its template';

/** What is special about changing a kind. */
const KINDS: Readonly<Record<string, string>> = {
  'v1 Pod': 'nothing makes this pod anew: change its manifest as the steps say, delete it and create it again',
  'batch/v1 Job': 'the template of a Job cannot be changed: change its manifest as the steps say, for its next run',
  'apps/v1 ReplicaSet': DELETE_PODS,
};

function aboutKind({ unit }: Draft): Sentences {
  const kind = `${unit.apiVersion} ${unit.kind}`;
  if (Object.hasOwn(KINDS, kind)) return [KINDS[kind] ?? ''];
  if (templatePath(unit) !== undefined) return unit.replacesOnDelete ? [DELETE_PODS] : [];
  return [
    `${unit.kind} of ${unit.apiVersion} is a kind of somebody else's: make the changes of the steps where its pods are described`,
  ];
}

function aboutBindings({ uses, refused, label }: Draft): Sentences {
  if (uses.length > 0) return refused;
  return [
    ...refused,
    `no binding gives an identity to the label ${POD_LABEL}=${label}: take the label away, or mend the binding`,
  ];
}

function aboutNetwork({ unit }: Draft): Sentences {
  if (![unit.template, ...unit.pods].some(({ hostNetwork }) => hostNetwork)) return [];
  return [
    "its pods are on the node's network: NMI has never served them, they ask the node's own metadata service and get any identity of the node; workload identity serves them like others",
  ];
}

function aboutLabels({ unit, label }: Draft): Sentences {
  const onTemplate = unit.template.labels[POD_LABEL] ?? '';
  const others = otherLabels(unit);
  return [
    ...(onTemplate === ''
      ? [`its pods carry ${POD_LABEL}=${label} and its template does not: a rollout under way, or put on by hand`]
      : []),
    ...(others.length > 0
      ? [
          `some of its pods carry another value of ${POD_LABEL} (${others.join(', ')}): look again when its rollout is over`,
        ]
      : []),
    ...(unit.selectorKeys.includes(POD_LABEL)
      ? [
          `its selector names ${POD_LABEL}, and selectors cannot be changed: for the last step create it anew without that`,
        ]
      : []),
  ];
}

/** An exception goes before every binding, whatever the label says. */
const aboutExceptions =
  ({ exceptions }: Pick<World, 'exceptions'>) =>
  ({ unit }: Draft): Sentences =>
    exceptions.flatMap((each) => {
      if (!('value' in each) || each.namespace !== unit.namespace) return [];
      const shapes = [unit.template, ...unit.pods];
      if (!shapes.some(({ labels }) => exceptionMatches(each.value, labels))) return [];
      return [
        `exception ${each.namespace}/${each.name} is for its pods: today they get any identity of the node, not only the bound ones; see what they really use before you go on`,
      ];
    });

export function aboutWorkload(world: Pick<World, 'exceptions'>): (draft: Draft) => Sentences {
  const rules = [aboutBindings, aboutKind, aboutLabels, aboutNetwork, aboutExceptions(world)];
  return (draft) => rules.flatMap((rule) => rule(draft));
}
