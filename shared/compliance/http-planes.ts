import { encodeUtf8 } from '../base/bytes.ts';
import type { HttpPlane, HttpPlanes } from '../devices/http-engine.ts';

/** What the suite's plane answers from. */
export interface ComplianceContent {
  readonly text: string;
  /** On shared memory, as a site's content is. */
  readonly big: Uint8Array;
}

/** '/' is the text, '/big' the bytes, '/parts' both in pieces; others do what their names say. */
const answeringPlane: HttpPlane = (state: ComplianceContent, request) => {
  const answer = (body: readonly Uint8Array[], fields: readonly string[] = []) => {
    const length = String(body.reduce((sum, part) => sum + part.length, 0));
    const isHead = request.method === 'HEAD';
    return { status: 200, fields: ['content-length', length, ...fields], body: isHead ? [] : body, site: 3 };
  };
  switch (request.target) {
    case '/':
      return answer([encodeUtf8(state.text)]);
    case '/big':
      return answer([state.big]);
    case '/parts':
      return answer([encodeUtf8(state.text), new Uint8Array(0), state.big.subarray(0, 5), encodeUtf8('.')]);
    case '/fields':
      return answer([encodeUtf8(JSON.stringify(request.fields))]);
    case '/hints':
      return { ...answer([encodeUtf8('hinted')]), interim: [['link', '</a.css>; rel=preload']] };
    case '/no-length':
      return { status: 200, fields: [], body: [encodeUtf8('abc')] };
    case '/unchanged':
      return { status: 304, fields: ['etag', '"x"'], body: [encodeUtf8('never sent')] };
    case '/injected':
      return answer([], ['location', '/\r\n\r\nHTTP/1.1 200 OK']);
    case '/throws':
      throw new Error('a planned fault');
    case '/later':
      return 'later';
    default:
      return { status: 404, fields: ['content-length', '0'], body: [] };
  }
};

/** The planes that the suite asks for by name. */
export const complianceHttpPlanes: HttpPlanes = { 'compliance-http': answeringPlane };
