import type { Certificates } from '../../shared/components/certificates/certificates.ts';
import type { FrontClaim } from '../../shared/components/front/front.ts';
import { validationClaim } from '../../shared/components/front/validation-claim.ts';
import { ANY, NONE } from '../../shared/protocols/front/claims.ts';
import { answersAnyName } from './certificates.ts';
import { allNames, type WebServiceConfiguration } from './config.ts';
import type { Connection } from './connections.ts';
import type { Engine } from './engine.ts';

/** The engines that serve the port of HTTPS. */
export interface SecureEngines {
  readonly http1: Engine;
  readonly http2: Engine;
  /** What answers visitors who speak plain HTTP there. */
  readonly plain: Engine;
}

/** What the web service claims of the port of HTTPS. */
export function claimsOf(
  config: WebServiceConfiguration,
  certificates: Certificates,
  { http1, http2, plain }: SecureEngines,
): readonly FrontClaim<Connection>[] {
  return [
    {
      owner: 'web-service',
      names: answersAnyName(config) ? [ANY] : [...allNames(config), NONE],
      alpnProtocols: ['h2', 'http/1.1', NONE],
      terminate: {
        credentialsFor: name => certificates.credentialsFor(name),
        accept: (flow, connection) => (flow.alpnProtocol === 'h2' ? http2 : http1).accept(flow, connection),
      },
    },
    validationClaim(certificates),
    // As nginx's 497, but the visitor who forgot the "s" gets to the page.
    {
      owner: 'redirects to https',
      opening: 'http',
      pass: (flow, connection) => plain.accept(flow, connection),
    },
  ];
}
