import type { StatusSection } from '../../../shared/appliance/service.ts';
import { certificateRows } from '../../../shared/components/certificates/certificate-rows.ts';
import type { Endpoint } from '../../../shared/devices/tcp.ts';
import type { StreamServer } from '../passed-on/stream-server.ts';
import type { Encrypted } from './encrypted.ts';

/** Encrypted transports and their certificates on the status page. */
export function encryptedSections(encrypted: Encrypted | undefined): StatusSection[] {
  const title = 'Encrypted';
  if (encrypted === undefined)
    return [{ title, rows: [['DNS over TLS and HTTPS', 'off: server-names is empty']] }];
  const { certificates, tls, https, tlsListener, httpsListener } = encrypted;
  return [
    {
      title,
      rows: [
        ['DNS over TLS', countsOf(tls, tlsListener.address)],
        ['DNS over HTTPS', countsOf(https, httpsListener.address)],
      ],
    },
    ...certificates.status().map(each => ({
      title: `Certificate of ${each.names[0] ?? 'nobody'}`,
      rows: certificateRows(each),
    })),
  ];
}

function countsOf(server: StreamServer, { port }: Endpoint): string {
  const { answered, accepted, open } = server.counts();
  return `port ${port}: ${answered} answered in ${accepted} connections, ${open} of them open`;
}
