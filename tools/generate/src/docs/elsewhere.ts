/** A test that runs a command of the workspace, and a text in it by which that can be seen. */
export interface Shown {
  readonly file: string;
  readonly has: string;
}

const CI = '.github/workflows/ci.yml';
const migrate = (has: string): Shown => ({ file: 'e2e/test/migrate.test.ts', has });

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
