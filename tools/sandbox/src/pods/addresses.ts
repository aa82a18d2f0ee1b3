/** The addresses of pods: 127.a.b.2 to 127.a.b.254, every one of them loopback on Linux, each pod its own. */
export interface PodAddresses {
  take(): string;
  give(address: string): void;
}

const FIRST = 2;
const LAST = 254;

/** @param seed a number that differs between sandboxes on one machine, such as the pid */
export function podAddresses(seed: number): PodAddresses {
  const network = `127.${16 + (seed % 200)}.${Math.floor(seed / 200) % 256}`;
  const used = new Set<number>();
  let next = FIRST;
  return {
    take() {
      if (used.size > LAST - FIRST) throw new Error(`no pod address is left of ${network}.0/24`);
      while (used.has(next)) next = next === LAST ? FIRST : next + 1;
      const host = next;
      used.add(host);
      next = next === LAST ? FIRST : next + 1;
      return `${network}.${host}`;
    },
    give: (address) => void used.delete(Number(address.split('.')[3])),
  };
}
