import { boolFlag, parseFlags, runMain } from '@aad-pod-identity/runtime';
import { fileURLToPath } from 'node:url';
import { chartFiles } from './chart/chart.ts';
import { crdFiles } from './crds.ts';
import { diagramFiles } from './diagrams/walks.ts';
import { dashboardDocs, dashboardFiles } from './dashboards/files.ts';
import { differences, writeFiles } from './files.ts';
import { flagFiles } from './flag-docs.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const FLAGS = {
  verify: boolFlag({ default: false, help: 'Write nothing; fail if what is on disk is not what would be written.' }),
};

runMain('generate', async ({ argv, env }) => {
  const pictures = [...dashboardFiles(), ...dashboardDocs(), ...diagramFiles()];
  const files = new Map([...crdFiles(), ...pictures, ...flagFiles(ROOT), ...(await chartFiles(ROOT))]);
  if (!parseFlags(FLAGS, argv, env).verify) {
    await writeFiles(ROOT, files);
    return;
  }
  const lines = await differences(ROOT, files);
  if (lines.length > 0)
    throw new Error(`generated files are out of date, run \`npm run generate\`: ${lines.join('; ')}`);
});
