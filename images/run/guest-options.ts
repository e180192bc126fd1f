import type { Acceleration } from './acceleration.ts';

export interface GuestDrive {
  /** A file, or an address of QEMU's such as `nbd:unix:…`. */
  readonly file: string;
  /** Writes go to a temporary overlay and are gone at the end. */
  readonly snapshot?: boolean;
  readonly format?: 'raw' | 'qcow2';
}

/** A cable to a network namespace of this machine (needs root). Nothing is forwarded: who is in the namespace reaches the guest itself. */
export interface TapNetwork {
  readonly namespace: string;
  /** The tap device in it. */
  readonly tap: string;
}

export interface GuestOptions {
  /** Drives in order, as virtio disks: the first is /dev/vda and is booted from, unless `kernel` is given. */
  readonly drives: readonly GuestDrive[];
  /** Boots this kernel directly, without firmware's boot loader. */
  readonly kernel?: { readonly file: string; readonly commandLine: string; readonly initrd?: string };
  readonly firmware?: 'bios' | 'uefi';
  /** Default 128, which is what the appliances are made for. */
  readonly memoryMiB?: number;
  readonly processors?: number;
  /** TCP ports of the guest to reach from this machine, each with the port preferred here. */
  readonly forwards?: readonly {
    readonly guestPort: number;
    readonly preferredPort?: number;
    /** The same port for UDP as well. */
    readonly datagrams?: boolean;
  }[];
  /** 'user' is QEMU's own network with DHCP and router advertisements; 'none' has no card at all. */
  readonly network?: 'user' | 'silent' | 'none' | TapNetwork;
  /** Reboots of the guest end QEMU unless this is set. */
  readonly mayReboot?: boolean;
  readonly acceleration?: Acceleration;
  /** QEMU's own arguments, added at the end. */
  readonly extraArguments?: readonly string[];
  /** Gets each line of the console as it comes. */
  readonly onLine?: (line: string) => void;
}
