import { ANY } from '../../protocols/front/claims.ts';
import { ACME_TLS_1 } from '../../protocols/front/route.ts';
import type { Certificates } from '../certificates/certificates.ts';
import type { FrontClaim } from './front.ts';

/** What certificate authorities ask by tls-alpn-01 (RFC 8737) on a port of HTTPS, whoever else has it. */
export function validationClaim<Connection>(
  certificates: Pick<Certificates, 'challengeCredentialsFor'>,
): FrontClaim<Connection> {
  return {
    owner: 'certificates',
    names: [ANY],
    alpnProtocols: [ACME_TLS_1],
    terminate: {
      credentialsFor: name => (name === undefined ? undefined : certificates.challengeCredentialsFor(name)),
      // RFC 8737 §4: once the handshake is complete, the connection is closed and no further data exchanged.
      accept: flow => void flow.end(),
    },
  };
}
