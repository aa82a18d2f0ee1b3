import type { Path } from '../src/paths/path.ts';
import type { Network } from '../src/paths/system-network.ts';

/** A node's network as far as NMI looks at it. */
export class FakeNetwork implements Network {
  readonly #paths = new Map<string, Path>();

  /** Reaches `address` through an interface of its own, whether or not the one before was removed. */
  connect(address: string, device: string): void {
    this.#paths.set(address, { device, born: device });
  }

  remove(device: string): void {
    for (const [address, path] of this.#paths) if (path.device === device) this.#paths.delete(address);
  }

  readonly look = () => ({ pathOf: (address: string) => this.#paths.get(address) });
}
