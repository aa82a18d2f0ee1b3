import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Sandbox } from '../sandbox.ts';
import { buttons } from './actions.ts';
import { readView } from './view.ts';

/** Changes come in bursts; one picture for each burst. */
const GATHER_MS = 100;
/** The log of NMI and the calls to Azure change without a word from the cluster. */
const REFRESH_MS = 1_000;

/** What every page gets first: the buttons, and the last picture if there is one. */
function greet(response: ServerResponse, last: string): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const menu = buttons.map(({ group, id, text }) => ({ group, id, text }));
  response.write(`event: buttons\ndata: ${JSON.stringify(menu)}\n\n`);
  if (last !== '') response.write(`data: ${last}\n\n`);
}

/** Sends the state to every open page, whenever it changes, as server-sent events. */
export function createLiveView(clock: Clock) {
  const pages = new Set<ServerResponse>();
  let sandbox: Sandbox | undefined;
  let last = '';
  let pending: (() => void) | undefined;

  const push = async () => {
    pending = undefined;
    if (sandbox === undefined || pages.size === 0) return;
    const data = await readView(sandbox).then(JSON.stringify, () => last);
    if (data !== last) for (const page of pages) page.write(`data: ${data}\n\n`);
    last = data;
    plan(REFRESH_MS);
  };
  const plan = (ms: number) => {
    pending?.();
    pending = clock.schedule(ms, () => void push());
  };
  const changed = () => {
    if (pages.size > 0) plan(GATHER_MS);
  };
  return {
    changed,
    show: (shown: Sandbox) => {
      sandbox = shown;
      changed();
    },
    serve: (request: IncomingMessage, response: ServerResponse) => {
      greet(response, last);
      pages.add(response);
      request.on('close', () => pages.delete(response));
      changed();
    },
    close: () => {
      sandbox = undefined;
      pending?.();
      for (const page of pages) page.end();
    },
  };
}
