/** A test that runs a command of the workspace, and a text in it by which that can be seen. */
export interface Shown {
  readonly file: string;
  readonly has: string;
}

const CI = '.github/workflows/ci.yml';
const migrate = (has: string): Shown => ({ file: 'e2e/test/migrate.test.ts', has });

/** Whether a command only looks; such commands in sentences are run in the sandbox by e2e/test/docs.test.ts. */
export const looksOnly = (command: string): boolean =>
  /^kubectl (get|describe|logs|explain) /.test(command) && !looksAtNode(command);

/** What the sandbox's node has not: e2e/test/node/docs.test.ts runs these. */
export const looksAtNode = (command: string): boolean => /^kubectl get .*(--raw|<node>)/.test(command);

/** Commands in sentences that do more than look. */
export const IN_SENTENCES: Readonly<Record<string, Shown>> = {
  'kubectl apply --server-side --force-conflicts --field-manager=aad-pod-identity-migrate -f objects.yaml': migrate(
    "'apply', '--server-side', '--force-conflicts'",
  ),
  'kubectl create secret generic spaccess-secret --from-literal=password=<password>': {
    file: 'e2e/test/node/walk-through.test.ts',
    has: "'spaccess-secret'",
  },
  'kubectl apply --server-side -f crds/': { file: 'e2e/test/chart/deploy.test.ts', has: "'apply', '-f'" },
  'kubectl --kubeconfig <the printed path>': { file: 'e2e/test/sandbox.test.ts', has: "'--kubeconfig'" },
};

/**
 * Commands of blocks marked `workspace`: a clone and Node are enough for them, and each is run already, by the file
 * that stands here. `npm start` is `node tools/sandbox/src/main.ts`, and so on: `package.json` says it.
 */
export const ELSEWHERE: Readonly<Record<string, Shown>> = {
  'npm ci': { file: CI, has: '- run: npm ci' },
  'npm start -- --story=false': {
    file: 'e2e/test/docs.test.ts',
    has: "startSandboxProcess('--story=false')",
  },
  'npm start': { file: 'tools/sandbox/test/once.test.ts', has: "'../src/main.ts'" },
  'npx node apps/migrate/src/main.ts': migrate('apps/migrate/src/main.ts'),
  'npx node apps/migrate/src/main.ts --output=commands > credentials.sh': migrate('--output=commands'),
  'npx node apps/migrate/src/main.ts --output=yaml > objects.yaml': migrate('--output=yaml'),
};
