import { DeviceError } from '../../devices/device-error.ts';
import type { Flow } from '../../devices/tcp.ts';
import type { Tls } from '../../devices/tls.ts';
import { ANY, NONE } from '../../protocols/front/claims.ts';
import type { FrontClaim, FrontEvents, TerminatingClaim } from './front.ts';

/** A flow on its way to the claim that takes it. */
interface Arrival<Context> {
  readonly flow: Flow;
  readonly context: Context;
  /** For the handshake. */
  readonly leftMs: number;
}

/** Carries flows through TLS where the claim wants that, and on to the claim's owner. */
export class Handler<Context> {
  readonly #tls: Tls;
  readonly #events: FrontEvents;

  constructor(tls: Tls, events: FrontEvents) {
    this.#tls = tls;
    this.#events = events;
  }

  hand(claim: FrontClaim<Context>, arrival: Arrival<Context>): void {
    const { flow, context } = arrival;
    if ('terminate' in claim) void this.#terminate(claim, arrival);
    else this.#give(claim, flow, () => claim.pass(flow, context));
  }

  async #terminate(
    claim: TerminatingClaim<Context>,
    { flow, context, leftMs }: Arrival<Context>,
  ): Promise<void> {
    const { credentialsFor, accept } = claim.terminate;
    try {
      const secured = await this.#tls.server(flow, {
        credentialsFor,
        alpnProtocols: claim.alpnProtocols.filter(protocol => protocol !== ANY && protocol !== NONE),
        handshakeTimeoutMs: leftMs,
      });
      this.#give(claim, secured, () => accept(secured, context));
    } catch (error) {
      // TLS has told the peer and closed the flow. 'failed' is a fault of ours: a certificate that cannot be used.
      if (error instanceof DeviceError && error.kind !== 'failed') this.#events.refused('handshake');
      else this.#fault(claim, flow, error);
    }
  }

  /** An owner that throws loses its connection, not everybody's. */
  #give(claim: FrontClaim<Context>, flow: Flow, give: () => void): void {
    try {
      give();
    } catch (error) {
      this.#fault(claim, flow, error);
    }
  }

  #fault({ owner }: FrontClaim<Context>, flow: Flow, error: unknown): void {
    flow.destroy();
    this.#events.fault(owner, error);
  }
}
