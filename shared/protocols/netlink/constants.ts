/** Numbers of Linux uapi linux/rtnetlink.h, if_link.h, if_addr.h and if.h, by the kernel's own names. */
export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;

export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWNDUSEROPT: 68,
} as const;

/** Bits of `nl_groups`: which changes the kernel tells of by itself. */
export const GROUPS = {
  link: 0x1,
  ipv4Address: 0x10,
  ipv6Address: 0x100,
  ipv6InterfaceInformation: 0x800,
  neighbourUserOptions: 0x80000,
} as const;

export const IFF_UP = 0x1;
export const IFF_RUNNING = 0x40;
export const ARPHRD_ETHER = 1;

export const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4, PROTINFO: 12, AF_SPEC: 26 } as const;
export const IFLA_INET6_FLAGS = 1;
/** net/if_inet6.h: what the last router advertisement said. */
export const IF_RA_OTHERCONF = 0x80;
export const IF_RA_MANAGED = 0x40;
export const IF_RA_RCVD = 0x20;

export const IFA = { ADDRESS: 1, LOCAL: 2, BROADCAST: 4, CACHEINFO: 6, FLAGS: 8 } as const;
export const IFA_F_DADFAILED = 0x08;
export const IFA_F_DEPRECATED = 0x20;
export const IFA_F_TENTATIVE = 0x40;

export const RTA = { DST: 1, OIF: 4, GATEWAY: 5, PRIORITY: 6 } as const;
export const RT_TABLE_MAIN = 254;
export const RTPROT_STATIC = 4;
export const RTPROT_DHCP = 16;
export const RT_SCOPE_UNIVERSE = 0;
export const RT_SCOPE_LINK = 253;
export const RTN_UNICAST = 1;
export const RTNH_F_ONLINK = 4;
