/** The tools that are installed as Debian packages: package name -> a file that shows that it is there. */
export const DEBIAN_TOOLS = {
  buildah: '/usr/bin/buildah',
  'busybox-static': '/bin/busybox',
  chromium: '/usr/bin/chromium',
  conntrack: '/usr/sbin/conntrack',
  containerd: '/usr/bin/containerd',
  'containernetworking-plugins': '/usr/lib/cni/bridge',
  curl: '/usr/bin/curl',
  debootstrap: '/usr/sbin/debootstrap',
  'default-jdk-headless': '/usr/bin/javac',
  ethtool: '/sbin/ethtool',
  iproute2: '/sbin/ip',
  iptables: '/usr/sbin/iptables-nft',
  maven: '/usr/bin/mvn',
  nftables: '/usr/sbin/nft',
  prometheus: '/usr/bin/prometheus',
  runc: '/usr/sbin/runc',
  socat: '/usr/bin/socat',
  wget: '/usr/bin/wget',
} as const;

export type DebianToolName = keyof typeof DEBIAN_TOOLS;

export function isDebianTool(name: string): name is DebianToolName {
  return Object.hasOwn(DEBIAN_TOOLS, name);
}
