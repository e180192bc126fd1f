import type { Request, Response } from '../../../shared/protocols/http/message.ts';

/** What is served by HTTP beside DNS. `client`: the address that the request came from. undefined: the request is for nothing of it. */
export type Pages = (request: Request, client: string) => Promise<Response> | undefined;
