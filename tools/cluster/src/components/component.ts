/** A question whose right answer means that a component does its work. */
export type Probe =
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly holds?: (body: string, since: number) => boolean;
      /** Where it is asked, instead of the address in the URL. */
      readonly socket?: string;
    }
  | { readonly kind: 'command'; readonly command: readonly string[] };

export interface Component {
  readonly name: string;
  readonly command: readonly string[];
  /** In the network of the simulated Azure; else in the node, where there is one. */
  readonly where?: 'azure';
  /** Components that must be ready before this one is started. */
  readonly after: readonly string[];
  readonly ready: readonly Probe[];
  /** What is run where the component runs, each time that it has become ready after a start. */
  readonly afterwards?: readonly (readonly string[])[];
}

/** `--name=value` of each; those without a value are left out. */
export function goFlags(values: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `--${name}=${value}`);
}

export function featureGates(gates: Readonly<Record<string, boolean>>): string {
  return Object.entries(gates)
    .map(([name, on]) => `${name}=${on}`)
    .join(',');
}
