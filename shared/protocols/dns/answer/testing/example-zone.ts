import { concatBytes } from '../../../../base/bytes.ts';
import type { PlaneShared } from '../../../../devices/udp.ts';
import { compileDirectory } from '../../compiled/compile-directory.ts';
import { compileZone } from '../../compiled/compile-zone.ts';
import { TYPE } from '../../message.ts';
import { nameInWire } from '../../name.ts';
import type { RRset, Zone } from '../../rrset.ts';
import { name } from './ask.ts';

const apex = name('example');
const soa = concatBytes([nameInWire(apex), nameInWire(apex), new Uint8Array(20)]);

function rrset(owner: string, type: number, ...data: readonly Uint8Array[]): RRset {
  return { owner: name(owner), type, ttlSeconds: 60, data };
}

/** 250 of them and a shorter one make an answer that with its OPT record is ten bytes below the longest. */
function text(index: number, bytes = 248): Uint8Array {
  return Uint8Array.of(bytes, ...new Uint8Array(bytes).fill(index));
}

const texts = [...Array.from({ length: 250 }, (_, index) => text(index)), text(250, 217)];
const address = Uint8Array.of(192, 0, 2, 1);

const zone: Zone = {
  apex,
  rrsets: [
    rrset('example', TYPE.NS, nameInWire(name('ns.test'))),
    rrset('example', TYPE.SOA, soa),
    rrset('alias.example', TYPE.CNAME, nameInWire(name('www.example'))),
    rrset('long.example', TYPE.TXT, ...texts),
    rrset('sub.example', TYPE.NS, nameInWire(name('ns.sub.example'))),
    rrset('ns.sub.example', TYPE.A, address),
    rrset('*.wild.example', TYPE.A, address),
    rrset('www.example', TYPE.A, address),
  ],
};

/** The zone `example`, not signed, with cookies and NSID. */
export function compileExample(): PlaneShared {
  return compileDirectory([compileZone(zone)], {
    nsid: Uint8Array.of(0x6e, 0x31),
    cookieSecrets: { current: new Uint8Array(16) },
  });
}
