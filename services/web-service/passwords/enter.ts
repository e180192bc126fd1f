import type { Request, Response } from '../../../shared/protocols/http/message.ts';
import { errorResponse, respond } from '../../../shared/protocols/http/respond.ts';
import type { Site } from '../../../shared/protocols/http/site.ts';
import type { PasswordGate } from './gate.ts';

export interface Visit {
  readonly request: Request;
  readonly client: string | undefined;
  readonly nowMs: number;
}

/** The answer of a site to a request that may lead behind a password: folder by folder, since one may lie in another. */
export async function enter(site: Site, gate: PasswordGate, visit: Visit): Promise<Response> {
  const { request, client, nowMs } = visit;
  const entered: number[] = [];
  for (;;) {
    const answer = respond(site, request, nowMs, entered);
    if (!('lockedFolder' in answer)) return entered.length === 0 ? answer : asPrivate(answer);
    const refusal = await gate.refusalOf(answer.lockedFolder, request, client);
    if (refusal !== undefined) return errorResponse(site, request, refusal.status, refusal.fields);
    entered.push(answer.lockedFolder);
  }
}

/** RFC 9111 §3.5: a shared cache must not show it to others, whatever the site's own rules say of caching. */
function asPrivate(answer: Response): Response {
  const fields: string[] = [];
  for (let index = 0; index + 1 < answer.fields.length; index += 2)
    if (answer.fields[index] !== 'cache-control')
      fields.push(answer.fields[index] as string, answer.fields[index + 1] as string);
  fields.push('cache-control', 'private, no-cache', 'vary', 'authorization');
  return { ...answer, fields };
}
