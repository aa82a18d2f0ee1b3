/** `npm run generate-deploy -- --helm=<path>`: writes deploy/ from the chart, or with --verify checks it. */
import { boolFlag, parseFlags, runMain, stringFlag } from '@aad-pod-identity/runtime';
import { fileURLToPath } from 'node:url';
import { deployFiles } from './chart/deploy.ts';
import { differences, writeFiles } from './files.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const FLAGS = {
  helm: stringFlag({ default: 'helm', help: 'path of helm' }),
  verify: boolFlag({ default: false, help: 'write nothing; fail if what is on disk is not what would be written' }),
};

runMain('generate-deploy', async ({ argv, env }) => {
  const { helm, verify } = parseFlags(FLAGS, argv, env);
  const files = await deployFiles(ROOT, helm);
  if (!verify) {
    await writeFiles(ROOT, files);
    return;
  }
  const lines = await differences(ROOT, files);
  if (lines.length > 0) throw new Error(`deploy/ is out of date, run \`npm run generate-deploy\`: ${lines.join('; ')}`);
});
