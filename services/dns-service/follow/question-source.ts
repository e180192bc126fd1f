import { viewOf } from '../../../shared/base/bytes.ts';
import { toName } from '../../../shared/components/dns-update/aliases.ts';
import { exchange } from '../../../shared/components/dns-update/exchange.ts';
import type { Timer } from '../../../shared/devices/clock.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import { encodeQuery } from '../../../shared/protocols/dns/encode-message.ts';
import { CLASS_IN, TYPE } from '../../../shared/protocols/dns/message.ts';
import { answersQuery } from '../../../shared/protocols/dns/stub-answer.ts';
import { publicOf, type Family } from '../../../shared/protocols/home-address/addresses.ts';
import { formatAddress } from '../../../shared/protocols/ip/address.ts';
import type { AddressQuestion } from '../config/follow.ts';
import { messageOf, type Events } from '../events.ts';
import type { FollowedName } from './followed-name.ts';

export type QuestionDevices = Pick<Devices, 'udp' | 'tcp' | 'clock' | 'secureRandom'>;

/** Asks servers outside for the address that they are asked from, and tells names of it, as long as it is not disposed of. */
export class QuestionSource implements Disposable {
  readonly #question: AddressQuestion;
  readonly #names: readonly FollowedName[];
  readonly #devices: QuestionDevices;
  readonly #events: Events;
  readonly #over = new AbortController();
  #timer: Timer | undefined;

  constructor(
    question: AddressQuestion,
    names: readonly FollowedName[],
    { devices, events }: { readonly devices: QuestionDevices; readonly events: Events },
  ) {
    this.#question = question;
    this.#names = names;
    this.#devices = devices;
    this.#events = events;
    void this.#look();
  }

  [Symbol.dispose](): void {
    this.#over.abort();
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { servers, 'every-seconds': seconds } = this.#question;
    await Promise.all([this.#learn('ipv4', servers), this.#learn('ipv6', servers)]);
    if (this.#over.signal.aborted) return;
    this.#timer = this.#devices.clock.timer(1000 * seconds, () => void this.#look());
  }

  /** From the first server that answers. Where none does, nothing is known: that the line has no address is not said by silence. */
  async #learn(family: Family, servers: readonly string[]): Promise<void> {
    for (const host of servers.filter(server => server.includes(':') === (family === 'ipv6'))) {
      try {
        const seen = await this.#ask(family, host);
        if (this.#over.signal.aborted) return;
        for (const name of this.#names) void name.report('question', { [family]: seen });
        return;
      } catch (error) {
        if (this.#over.signal.aborted) return;
        this.#events.questionFailed(host, messageOf(error));
      }
    }
  }

  /** What the server calls us; an address of a network behind a translator is not ours alone, and left out. */
  async #ask(family: Family, host: string): Promise<readonly string[]> {
    const { name, port } = this.#question;
    const type = family === 'ipv4' ? TYPE.A : TYPE.AAAA;
    const question = { name: toName(name), type, class: CLASS_IN };
    // RFC 5452 §9.2: the id cannot be guessed; who could would have the name lead to a machine of his.
    const id = viewOf(this.#devices.secureRandom.bytes(2)).getUint16(0);
    const message = await exchange(
      { host, port },
      encodeQuery({ id, question }),
      this.#devices,
      this.#over.signal,
    );
    if (!answersQuery(message, id, question)) throw new Error('the answer is to another question');
    const records = message.answers.filter(record => record.type === type);
    const texts = records.map(({ dataStart, dataEnd }) =>
      formatAddress(message.bytes.subarray(dataStart, dataEnd)),
    );
    const seen = publicOf(texts)[family];
    if (seen.length === 0)
      throw new Error(`the answer has no public ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address`);
    return seen;
  }
}
