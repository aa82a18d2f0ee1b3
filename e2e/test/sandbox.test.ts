import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { chromium, type Browser, type Page } from 'playwright-core';
import { startSandboxProcess, type SandboxProcess } from '../src/sandbox-process.ts';

const run = promisify(execFile);
const examples = join(import.meta.dirname, '../../examples');
const screenshot = join(import.meta.dirname, '../../docs/images/sandbox.png');

/** Nothing of the browser's own may look for the outside world. */
const QUIET = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];

let sandbox: SandboxProcess;
let browser: Browser;
let page: Page;
const foreignRequests: string[] = [];

const kubectl = async (...args: string[]) =>
  (await run(process.env.E2E_KUBECTL ?? 'kubectl', ['--kubeconfig', sandbox.kubeconfig, ...args])).stdout;

/** Also what it says on standard error: warnings, which are none of a command's output. */
async function kubectlWarnings(...args: string[]): Promise<string> {
  const kubectlPath = process.env.E2E_KUBECTL ?? 'kubectl';
  return (await run(kubectlPath, ['--kubeconfig', sandbox.kubeconfig, ...args])).stderr;
}

const apply = (file: string) => kubectl('apply', '-f', join(examples, file));

/** Presses a button and waits for the sandbox's sentence about it. */
async function press(id: string, outcome: RegExp): Promise<void> {
  await page.click(`#${id}`);
  await page.waitForFunction(
    ([source, flags]) => new RegExp(source, flags).test(document.querySelector('#outcome')?.textContent ?? ''),
    [outcome.source, outcome.flags] as const,
  );
}

/** Waits until a table of the page shows a text. */
const shows = (table: string, text: string) => page.locator(`#${table}`, { hasText: text }).waitFor();

/** What the demo's own page says, opened by a click on its link. */
async function demoPage(): Promise<string> {
  const popup = page.waitForEvent('popup');
  await page.locator('#pods a').first().click();
  const demo = await popup;
  await demo.waitForLoadState();
  const text = (await demo.textContent('body')) ?? '';
  await demo.close();
  return text;
}

/** The demo's page, asked again until it says what it should: the assignment takes a moment. */
async function demoPageSays(expected: RegExp): Promise<string> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const text = await demoPage();
    if (expected.test(text)) return text;
  }
  throw new Error(`the demo's page never said ${expected.source}`);
}

beforeAll(async () => {
  sandbox = await startSandboxProcess('--story=false');
  browser = await chromium.launch({ executablePath: process.env.E2E_CHROMIUM ?? '/usr/bin/chromium', args: QUIET });
  page = await browser.newPage({ viewport: { width: 1360, height: 1000 } });
  page.on('request', (request) => {
    if (new URL(request.url()).hostname !== '127.0.0.1') foreignRequests.push(request.url());
  });
  await page.goto(sandbox.pageUrl);
});

afterAll(async () => {
  await browser.close();
  await sandbox.stop();
  await rm(sandbox.folder, { recursive: true });
});

describe('the story with kubectl and a browser', () => {
  it('a pod without an identity: Could not retrieve token...', async () => {
    expect(await apply('pod.yaml')).toBe('pod/podidentitydemo created\n');
    await kubectl('wait', '--for=condition=Ready', 'pod/podidentitydemo', '--timeout=20s');
    await shows('pods', 'Running');
    expect(await demoPageSays(/./)).toBe('Could not retrieve token...');
  });

  it('identity and binding are accepted in the spelling of the seed', async () => {
    expect(await apply('azureidentity.yaml')).toMatch(/azureidentity\.aadpodidentity\.k8s\.io\/azureaccess created/);
    expect(await apply('azureidentitybinding.yaml')).toMatch(/azureaccess created/);
    await shows('identities', 'default/azureaccess');
    await shows('bindings', 'azure-access');
  });

  it('the same pod with the label: Token: ...', async () => {
    expect(await apply('pod-labelled.yaml')).toBe('pod/podidentitydemo configured\n');
    await shows('assignments', 'Assigned');
    expect(await demoPageSays(/^Token/)).toMatch(/^Token: [\w-]+\.[\w-]+\.[\w-]+$/);
    await shows('tokenRequests', 'matched identityType:0');
    await shows('machines', 'aks-nodepool1');
  });

  it('kubectl shows and describes the objects', async () => {
    expect(await kubectl('get', 'AzureIdentity')).toMatch(/NAME\s+TYPE\s+CLIENTID\s+AGE.*\nazureaccess\s+0\s/);
    expect(await kubectl('get', 'AzureIdentityBinding')).toMatch(/^azureaccess\s/m);
    expect(await kubectl('get', 'azureassignedidentity')).toMatch(/podidentitydemo-default-azureaccess\s.*Assigned/);
    expect(await kubectl('describe', 'azureidentitybinding', 'azureaccess')).toMatch(/Normal\s+binding applied/);
    expect(await kubectl('logs', 'podidentitydemo')).toMatch(/a token was obtained/);
  });

  it("the seed's debugging steps: the pods of MIC and NMI, and their logs", async () => {
    const nameOf = async (component: string) =>
      (await kubectl('get', 'pods', '-l', `component=${component}`, '-o', 'jsonpath={.items[*].metadata.name}')).trim();
    const [mic, nmi] = [await nameOf('mic'), await nameOf('nmi')];
    expect([mic, nmi]).toEqual([expect.stringMatching(/^mic-\w{10}-\w{5}$/), expect.stringMatching(/^nmi-\w{5}$/)]);
    expect(await kubectl('get', 'pods')).toMatch(new RegExp(`^${nmi}\\s+1/1\\s+Running`, 'm'));
    expect(await kubectl('logs', mic)).toMatch(/msg="assigned identity written"/);
    expect(await kubectl('logs', nmi)).toMatch(
      /msg="matched identityType:0 clientid:\w{4}##### REDACTED #####\w{4} resource:\S+"[^]*msg="Status \(200\) took \d+ ns"/,
    );
    expect((await kubectl('logs', nmi, '--tail=1', '--since=1h')).trim().split('\n')).toHaveLength(1);
  });

  it('a log is followed', async () => {
    const kubectlPath = process.env.E2E_KUBECTL ?? 'kubectl';
    const flags = ['--kubeconfig', sandbox.kubeconfig, 'logs', '-l', 'component=nmi', '-f', '--tail=1'];
    const follower = spawn(kubectlPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: follower.stdout })[Symbol.asyncIterator]();
    await lines.next();
    await press('check', /token obtained/);
    expect((await lines.next()).value).toContain('matched identityType:0');
    follower.kill();
    await once(follower, 'exit');
  });

  it('the node is Ready', async () => {
    expect(await kubectl('get', 'nodes')).toMatch(/^aks-nodepool1-\S+\s+Ready\s/m);
  });

  it('the picture in the README is what the page looks like', async () => {
    const file = process.env.E2E_SCREENSHOT === 'update' ? screenshot : join(sandbox.folder, 'page.png');
    await page.screenshot({ path: file, fullPage: true });
    expect((await readFile(file)).byteLength).toBeGreaterThan(20_000);
  });

  it('a service principal, as the seed sets it up', async () => {
    await kubectl('create', 'secret', 'generic', 'spaccess-secret', '--from-literal=password=not-the-right-one');
    await kubectl('delete', 'secret', 'spaccess-secret');
    for (const file of ['secret', 'azureidentity', 'azureidentitybinding'])
      await apply(`service-principal/${file}.yaml`);
    await kubectl('delete', 'pod', 'podidentitydemo');
    await apply('service-principal/pod.yaml');
    await kubectl('wait', '--for=condition=Ready', 'pod/podidentitydemo', '--timeout=20s');
    expect(await demoPageSays(/^Token/)).toMatch(/^Token: /);
    await shows('tokenRequests', 'matched identityType:1');
  });
});

describe('what the buttons do', () => {
  it('what a button applies, kubectl goes on with, without a warning', async () => {
    await press('delete-pod', /was deleted/);
    await press('apply-labelled-pod', /was applied/);
    expect(await kubectlWarnings('apply', '-f', join(examples, 'pod-labelled.yaml'))).toBe('');
    expect(await apply('pod-labelled.yaml')).toBe('pod/podidentitydemo unchanged\n');
    expect(await apply('pod.yaml')).toBe('pod/podidentitydemo configured\n');
    await press('apply-pod', /was applied/);
    expect(await apply('pod.yaml')).toBe('pod/podidentitydemo unchanged\n');
    await kubectl('wait', '--for=condition=Ready', 'pod/podidentitydemo', '--timeout=20s');
  });

  it('a broken identity shows its reason, and mending it heals', async () => {
    await press('break-identity', /no longer exists/);
    await press('delete-pod', /was deleted/);
    await press('apply-labelled-pod', /was applied/);
    await shows('identities', 'missing');
    await shows('assignments', 'Created');
    await press('mend-identity', /exists again/);
    await shows('assignments', 'Assigned');
  });

  it('MIC and NMI come back after a kill', async () => {
    await press('kill-mic', /was killed/);
    await press('kill-nmi', /was killed/);
    await page.waitForFunction(() => {
      const text = document.querySelector('#programs')?.textContent ?? '';
      return text.includes('MIC: running, started again 1') && text.includes('NMI: running, started again 1');
    });
    expect(await demoPageSays(/^Token/)).toMatch(/^Token: /);
  });

  it('Azure away and back', async () => {
    await press('stop-azure', /are away/);
    await page.locator('#programs', { hasText: 'stopped' }).waitFor();
    await press('start-azure', /is back/);
    await page.locator('#programs', { hasText: 'Azure: running' }).waitFor();
  });

  it('deleting the pod leaves no assigned identity and nothing on the scale set', async () => {
    await press('delete-pod', /was deleted/);
    await shows('assignments', 'none yet');
    await shows('machines', 'none');
  });
});

it('the page asks nothing of any other place', () => {
  expect(foreignRequests).toEqual([]);
});

it('Ctrl-C ends everything, with code 0', async () => {
  expect(await sandbox.stop()).toBe(0);
});
