import { join, sep } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Packages of which a program on every node should load less than their entry loads. What is left out costs each
 * process memory (docs/performance.md says how much); nothing that is used changes.
 */
const NAMESPACE = 'lean';

interface Leaner {
  /** Which import, and of whose. */
  readonly path: RegExp;
  readonly importer: (file: string) => boolean;
  /** CommonJS that takes its place. */
  readonly contents: string;
}

const within = (name: string) => (file: string) => file.includes(`${sep}node_modules${sep}${name}${sep}`);

/** undici's dispatchers that our libraries name, without fetch, caches, WebSocket and mocks. */
const UNDICI = `
const Dispatcher = require('undici/lib/dispatcher/dispatcher.js');
Object.assign(Dispatcher.prototype, require('undici/lib/api/index.js'));
module.exports = {
  Agent: require('undici/lib/dispatcher/agent.js'),
  ProxyAgent: require('undici/lib/dispatcher/proxy-agent.js'),
  EnvHttpProxyAgent: require('undici/lib/dispatcher/env-http-proxy-agent.js'),
  buildConnector: require('undici/lib/core/connect.js'),
  DecoratorHandler: require('undici/lib/handler/decorator-handler.js'),
};`;

/** Names that a program's own sources may import from undici; another would be undefined in the bundle. */
export const UNDICI_NAMES: ReadonlySet<string> = new Set(UNDICI.match(/\w+(?=: require)/g));

const table = (own: (file: string) => boolean): readonly Leaner[] => [
  // An `import` of it runs the getters of its lazy exports, which load Node's own fetch and WebSocket.
  { path: /^node:http$/, importer: own, contents: "module.exports = process.getBuiltinModule('node:http');" },
  { path: /^undici$/, importer: own, contents: UNDICI },
  // HTTP/2 is off unless asked for, and undici itself does without this where Node was built without it.
  { path: /^node:http2$/, importer: within('undici'), contents: 'module.exports = { constants: {} };' },
  // Asked for the current span when exemplars are on, which they are not.
  { path: /^@opentelemetry\/api$/, importer: within('prom-client'), contents: 'module.exports = {};' },
  // Neither do we push metrics, nor are there workers to collect them from.
  { path: /^\.\/lib\/(?:pushgateway|cluster)$/, importer: within('prom-client'), contents: 'module.exports = {};' },
];

/** Makes some imports load only what is used. */
export function leanImports(root: string): Plugin {
  const folders = ['libs', 'apps'].map((folder) => join(root, folder) + sep);
  const leaners = table((file) => folders.some((folder) => file.startsWith(folder)));
  return {
    name: 'lean-imports',
    setup: (build) => {
      for (const [index, { path: filter, importer: applies }] of leaners.entries()) {
        build.onResolve({ filter }, ({ importer }) =>
          applies(importer) ? { path: String(index), namespace: NAMESPACE } : undefined,
        );
      }
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        contents: leaners[Number(path)]?.contents ?? '',
        loader: 'js',
        resolveDir: root,
      }));
    },
  };
}
