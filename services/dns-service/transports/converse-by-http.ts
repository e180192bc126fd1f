import type { Clock } from '../../../shared/devices/clock.ts';
import type { Flow } from '../../../shared/devices/tcp.ts';
import type { ConverseOptions } from '../passed-on/converse.ts';
import { createHttp1Converse, type Http1Options } from './converse-by-http1.ts';
import { converseByHttp2 } from './converse-by-http2.ts';

/** Answers requests over TLS, by the version of HTTP that was agreed on in the handshake; where none was, that is HTTP/1.1. */
export function createHttpConverse(
  { pages, onFault }: Http1Options,
  clock: Clock,
): (flow: Flow, options: ConverseOptions) => void {
  const converseByHttp1 = createHttp1Converse({ pages, onFault });
  return (flow, options) => {
    if ('alpnProtocol' in flow && flow.alpnProtocol === 'h2')
      converseByHttp2(flow, { ...options, pages }, clock);
    else converseByHttp1(flow, options);
  };
}
