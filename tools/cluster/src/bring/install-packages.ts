import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { runQuietly } from './run-quietly.ts';

/** What Debian's maintainer scripts ask before they start a service. */
const POLICY = '/usr/sbin/policy-rc.d';
/** The machine's own policy while ours stands; after a crash in between the next installation puts it back. */
const SET_ASIDE = `${POLICY}.set-aside-by-aad-pod-identity`;
const OURS = '# aad-pod-identity: no service is started while its test tools are installed';
const REFUSE_ALL = `#!/bin/sh\n${OURS}\nexit 101\n`;

/** Installs Debian packages; no service of theirs is started, for the tools start what they need themselves. */
export async function installPackages(names: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error(`installing the Debian packages ${names.join(', ')} needs root`);
  }
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
  restorePolicy();
  if (existsSync(POLICY)) copyFileSync(POLICY, SET_ASIDE);
  try {
    writeFileSync(`${POLICY}.new`, REFUSE_ALL, { mode: 0o755 });
    renameSync(`${POLICY}.new`, POLICY);
    await runQuietly('apt-get', ['update', '-qq'], options);
    await runQuietly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], options);
  } finally {
    rmSync(POLICY, { force: true });
    restorePolicy();
  }
}

function restorePolicy(): void {
  if (existsSync(SET_ASIDE)) renameSync(SET_ASIDE, POLICY);
}
