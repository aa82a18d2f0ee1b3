/** A field of a message: its name, and how its bytes are read. */
export interface FieldSpec {
  readonly name: string;
  readonly kind: 'string' | 'bytes' | 'int' | 'bool' | 'message' | 'map';
  readonly repeated?: boolean;
  /** Fields of a message; of a map, the key and the value as fields 1 and 2. */
  readonly fields?: MessageSpec;
}

/** Field numbers as the API's protobuf definitions give them. Fields not named here are skipped. */
export type MessageSpec = Readonly<Record<number, FieldSpec>>;

const text = (name: string): FieldSpec => ({ name, kind: 'string' });
const texts = (name: string): FieldSpec => ({ name, kind: 'string', repeated: true });
const int = (name: string): FieldSpec => ({ name, kind: 'int' });
const bool = (name: string): FieldSpec => ({ name, kind: 'bool' });
const one = (name: string, fields: MessageSpec): FieldSpec => ({ name, kind: 'message', fields });
const many = (name: string, fields: MessageSpec): FieldSpec => ({ name, kind: 'message', repeated: true, fields });
const map = (name: string, value: 'string' | 'bytes' = 'string'): FieldSpec => ({
  name,
  kind: 'map',
  fields: { 1: text('key'), 2: { name: 'value', kind: value } },
});

export const TYPE_META: MessageSpec = { 1: text('apiVersion'), 2: text('kind') };

const metadata = one('metadata', {
  1: text('name'),
  2: text('generateName'),
  3: text('namespace'),
  5: text('uid'),
  6: text('resourceVersion'),
  11: map('labels'),
  12: map('annotations'),
  14: texts('finalizers'),
});

const deleteOptions: MessageSpec = {
  1: int('gracePeriodSeconds'),
  2: one('preconditions', { 1: text('uid'), 2: text('resourceVersion') }),
  4: text('propagationPolicy'),
  5: texts('dryRun'),
};

const rules = many('rules', {
  1: texts('verbs'),
  2: texts('apiGroups'),
  3: texts('resources'),
  4: texts('resourceNames'),
  5: texts('nonResourceURLs'),
});

const binding: MessageSpec = {
  1: metadata,
  2: many('subjects', { 1: text('kind'), 2: text('apiGroup'), 3: text('name'), 4: text('namespace') }),
  3: one('roleRef', { 1: text('apiGroup'), 2: text('kind'), 3: text('name') }),
};

const containers = many('containers', {
  1: text('name'),
  2: text('image'),
  3: texts('command'),
  4: texts('args'),
  6: many('ports', { 1: text('name'), 2: int('hostPort'), 3: int('containerPort'), 4: text('protocol') }),
});

const template = one('template', { 1: metadata, 2: one('spec', { 2: containers, 3: text('restartPolicy') }) });

/** The messages that kubectl sends as protobuf and in no other way, by kind. */
export const MESSAGES: Readonly<Record<string, MessageSpec>> = {
  ClusterRole: { 1: metadata, 2: rules },
  ClusterRoleBinding: binding,
  ConfigMap: { 1: metadata, 2: map('data'), 3: map('binaryData', 'bytes'), 4: bool('immutable') },
  DeleteOptions: deleteOptions,
  Deployment: {
    1: metadata,
    2: one('spec', { 1: int('replicas'), 2: one('selector', { 1: map('matchLabels') }), 3: template }),
  },
  Eviction: { 1: metadata, 2: one('deleteOptions', deleteOptions) },
  Namespace: { 1: metadata },
  Role: { 1: metadata, 2: rules },
  RoleBinding: binding,
  Secret: {
    1: metadata,
    2: map('data', 'bytes'),
    3: text('type'),
    4: map('stringData'),
    5: bool('immutable'),
  },
  SelfSubjectAccessReview: {},
  SelfSubjectReview: {},
  SelfSubjectRulesReview: {},
  ServiceAccount: { 1: metadata, 4: bool('automountServiceAccountToken') },
  SubjectAccessReview: {},
  TokenRequest: {
    2: one('spec', {
      1: texts('audiences'),
      3: one('boundObjectRef', { 1: text('kind'), 2: text('apiVersion'), 3: text('name'), 4: text('uid') }),
      4: int('expirationSeconds'),
    }),
  },
  TokenReview: { 2: one('spec', { 1: text('token'), 2: texts('audiences') }) },
};
