import type { ToolName } from '../bring/bring.ts';

export const PROFILES = ['control-plane', 'simulated-nodes', 'node'] as const;
export type Profile = (typeof PROFILES)[number];

const TOOLS: Readonly<Record<Profile, readonly ToolName[]>> = {
  'control-plane': ['kubernetes'],
  'simulated-nodes': ['kubernetes', 'kwok'],
  node: [
    ...(['kubernetes', 'pause', 'containerd', 'runc', 'containernetworking-plugins', 'busybox-static'] as const),
    ...(['iptables', 'nftables', 'conntrack', 'ethtool', 'socat', 'iproute2'] as const),
  ],
};

export function toolsOf(profile: Profile): readonly ToolName[] {
  return TOOLS[profile];
}
