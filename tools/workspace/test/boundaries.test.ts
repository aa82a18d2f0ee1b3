import { rulesBroken, writeProjectGraph } from './lint.ts';

const BOUNDARY = '@nx/enforce-module-boundaries';

const forbidden: Record<string, [file: string, source: string, rule: string]> = {
  'an app may not import an app': ['apps/mic/src/main.ts', "import '@aad-pod-identity/nmi';\n", BOUNDARY],
  'a tool for operators may not import what it plans for': [
    'apps/migrate/src/program.ts',
    "import '@aad-pod-identity/mic';\n",
    BOUNDARY,
  ],
  'a client library may not import an app': ['libs/kube/src/index.ts', "import '@aad-pod-identity/mic';\n", BOUNDARY],
  'a base library may not import a client library': [
    'libs/runtime/src/index.ts',
    "import '@aad-pod-identity/kube';\n",
    BOUNDARY,
  ],
  'crd-types may import nobody': ['libs/crd-types/src/index.ts', "import '@aad-pod-identity/runtime';\n", BOUNDARY],
  'production code may not import the simulators': [
    'apps/nmi/src/main.ts',
    "import '@aad-pod-identity/testing';\n",
    BOUNDARY,
  ],
  'nobody reaches into another project by a relative path': [
    'apps/mic/src/main.ts',
    "import '../../../libs/kube/src/index.ts';\n",
    BOUNDARY,
  ],
};

const allowed: Record<string, [file: string, source: string]> = {
  'an app may import a client library': ['apps/mic/src/main.ts', "import '@aad-pod-identity/kube';\n"],
  'a client library may import a base library': ['libs/kube/src/index.ts', "import '@aad-pod-identity/runtime';\n"],
};

beforeAll(writeProjectGraph, 120_000);

it.each(Object.entries(forbidden))(
  '%s',
  (_sentence, [file, source, rule]) => {
    expect(rulesBroken(file, source)).toContain(rule);
  },
  60_000,
);

it.each(Object.entries(allowed))(
  '%s',
  (_sentence, [file, source]) => {
    expect(rulesBroken(file, source)).not.toContain(BOUNDARY);
  },
  60_000,
);
