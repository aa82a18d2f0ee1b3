import { parseDocument } from 'yaml';
import { PLACEHOLDER } from './deploy.ts';

export interface Release {
  /** Registry and folder of the images, without a slash at the end. */
  readonly repository: string;
  /** Of the programs, and the tag of their images. */
  readonly version: string;
}

const COMPONENTS = ['mic', 'nmi'] as const;

/** A registry's host, and folders below it: what `image.repository` may be. */
export const REPOSITORY = /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+$/;
export const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** The chart's values.yaml with the registry and tags of a release; comments stay. */
export function releasedValues(valuesYaml: string, { repository, version }: Release): string {
  const document = parseDocument(valuesYaml);
  document.setIn(['image', 'repository'], repository);
  for (const component of COMPONENTS) document.setIn([component, 'tag'], version);
  return document.toString({ lineWidth: 0, singleQuote: true });
}

/** A manifest of deploy/ whose images are those of a release. */
export function releasedManifest(manifest: string, { repository, version }: Release): string {
  return manifest.replaceAll(
    new RegExp(`${PLACEHOLDER}/([a-z-]+):[^"\\s]+`, 'g'),
    (_image, name: string) => `${repository}/${name}:${version}`,
  );
}
