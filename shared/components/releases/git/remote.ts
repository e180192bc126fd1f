import { Buffer } from 'node:buffer';
import { err, ok, type Result } from '../../../base/result.ts';
import { DeviceError } from '../../../devices/device-error.ts';
import type { Http } from '../../../devices/http.ts';
import {
  checkAdvertisement,
  decodeRefs,
  encodeFetch,
  encodeListRefs,
  INFO_REFS,
  PROTOCOL_FIELD,
  REQUEST_TYPE,
  takePack,
  UPLOAD_PACK,
  type RemoteFault,
} from '../../../protocols/git/upload-pack.ts';
import { tooLarge, type IncomingFile } from '../admit.ts';
import { ARCHIVE_OVERHEAD_PER_FILE_BYTES, FILES_MAX } from '../limits.ts';
import { ContentRefused } from '../release.ts';
import { readPack } from './read-pack.ts';
import { filesOfCommit } from './tree-files.ts';

export interface GitRemote {
  /** http or https, without user and password. */
  readonly url: string;
  /** Without it: the branch that the remote's HEAD points to. */
  readonly branch?: string | undefined;
  /** The folder of the repository that becomes the release; '' for all of it. */
  readonly folder: string;
}

export interface GitAccess {
  readonly http: Http;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

/** A repository far away on a slow line; a pull is nobody's wait. */
const EXCHANGE_MAX_MS = 300_000;

/** The commit that the branch points to now. @throws DeviceError where the remote is not reached. */
export async function findCommit(remote: GitRemote, access: GitAccess): Promise<Result<string, RemoteFault>> {
  const advertised = await ask(remote, access, { path: INFO_REFS });
  if (!advertised.ok) return advertised;
  const fit = checkAdvertisement(advertised.value);
  if (!fit.ok) return fit;
  const listed = await ask(remote, access, { path: UPLOAD_PACK, body: encodeListRefs(remote.branch) });
  if (!listed.ok) return listed;
  const refs = decodeRefs(listed.value);
  if (!refs.ok) return refs;
  const wanted = remote.branch === undefined ? 'HEAD' : `refs/heads/${remote.branch}`;
  const found = refs.value.find(({ name }) => name === wanted);
  if (found !== undefined) return ok(found.id);
  return err(
    remote.branch === undefined
      ? 'the repository is empty: push a commit there'
      : `the repository has no branch '${remote.branch}': [git-branch] must name one`,
  );
}

/** The files of that commit. @throws DeviceError as above, ContentRefused where they cannot be a release. */
export async function fetchCommit(
  remote: GitRemote,
  id: string,
  access: GitAccess & { readonly sizeMaxBytes: number },
): Promise<Result<AsyncIterable<IncomingFile>, RemoteFault>> {
  const packMaxBytes = access.sizeMaxBytes + FILES_MAX * ARCHIVE_OVERHEAD_PER_FILE_BYTES;
  try {
    const answer = await ask(remote, access, {
      path: UPLOAD_PACK,
      body: encodeFetch(id),
      bodyMaxBytes: packMaxBytes,
    });
    if (!answer.ok) return answer;
    const pack = takePack(answer.value);
    if (!pack.ok) return pack;
    return ok(filesOfCommit(await readPack(pack.value, packMaxBytes), id, remote.folder));
  } catch (error) {
    // A person can do something about the limit that was configured, not about those that follow from it.
    throw isTooLarge(error) ? tooLarge(access.sizeMaxBytes) : error;
  }
}

function isTooLarge(error: unknown): boolean {
  return (error instanceof DeviceError || error instanceof ContentRefused) && error.kind === 'too-large';
}

interface Question {
  readonly path: string;
  readonly body?: Uint8Array;
  readonly bodyMaxBytes?: number;
}

async function ask(
  { url }: GitRemote,
  { http, token, signal }: GitAccess,
  { path, body, bodyMaxBytes }: Question,
): Promise<Result<Uint8Array, RemoteFault>> {
  const {
    status,
    headers,
    body: answer,
  } = await http.request({
    method: body === undefined ? 'GET' : 'POST',
    url: new URL(url.replace(/\/$/, '') + path),
    headers: {
      // Hosts look for this beginning to tell git from browsers.
      'user-agent': 'git/lares',
      [PROTOCOL_FIELD[0]]: PROTOCOL_FIELD[1],
      ...(body === undefined ? {} : { 'content-type': REQUEST_TYPE }),
      // RFC 7617: hosts take an access token as the password, whoever the user is.
      ...(token === undefined
        ? {}
        : { authorization: `Basic ${Buffer.from(`git:${token}`).toString('base64')}` }),
    },
    timeoutMs: EXCHANGE_MAX_MS,
    signal,
    ...(body === undefined ? {} : { body }),
    ...(bodyMaxBytes === undefined ? {} : { bodyMaxBytes }),
  });
  return status === 200 ? ok(answer) : err(faultOf(status, headers['location']));
}

function faultOf(status: number, location: string | undefined): RemoteFault {
  if (status === 401 || status === 403 || status === 404)
    return `there is no such repository, or it takes a token to read it (status ${status}): [git-token]`;
  if (location !== undefined) return `the repository has moved to ${location}: put that in git-url`;
  return `the git server answers with status ${status}`;
}
