import { checkResult, processLibrary } from '../../../shared/host/ffi/library.ts';

const { socket, ioctl } = processLibrary.getFunctions({
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  ioctl: { arguments: ['i32', 'u64', 'pointer'], return: 'i32' },
});

/** Gives an interface its address the old way (netdevice(7)), which needs three calls and no code that is itself under test. */
export function bringUp(name: string, address: string, mask: string): void {
  const descriptor = checkResult(socket(AF_INET, SOCK_DGRAM, 0), 'socket');
  const request = (number: bigint, fill: (ifreq: Buffer) => void): void => {
    const ifreq = Buffer.alloc(IFREQ_BYTES);
    ifreq.write(name, 0, 'latin1');
    fill(ifreq);
    checkResult(ioctl(descriptor, number, ifreq), 'ioctl', name);
  };
  request(SIOCSIFADDR, ifreq => writeAddress(ifreq, address));
  request(SIOCSIFNETMASK, ifreq => writeAddress(ifreq, mask));
  request(SIOCSIFFLAGS, ifreq => ifreq.writeUInt16LE(IFF_UP | IFF_RUNNING, NAME_BYTES));
}

function writeAddress(ifreq: Buffer, address: string): void {
  ifreq.writeUInt16LE(AF_INET, NAME_BYTES);
  ifreq.set(address.split('.').map(Number), NAME_BYTES + 4);
}

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914n;
const SIOCSIFADDR = 0x8916n;
const SIOCSIFNETMASK = 0x891cn;
const IFF_UP = 0x1;
const IFF_RUNNING = 0x40;
const IFREQ_BYTES = 40;
const NAME_BYTES = 16;
