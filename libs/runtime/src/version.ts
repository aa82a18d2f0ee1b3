/** Put in by the bundler; a program that runs from its sources has neither. */
declare const __APP_VERSION__: string | undefined;
declare const __APP_COMMIT__: string | undefined;

export const version: string = typeof __APP_VERSION__ === 'string' ? __APP_VERSION__ : 'dev';
export const commit: string = typeof __APP_COMMIT__ === 'string' ? __APP_COMMIT__ : 'dev';

/** What `--version` prints: `name version commit`. */
export function versionLine(name: string): string {
  return `${name} ${version} ${commit}`;
}
