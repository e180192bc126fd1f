import { encodeUtf8 } from '../../base/bytes.ts';
import { type ByteRange, formatContentRange } from './ranges.ts';

export interface MultipartBody {
  readonly contentType: string;
  readonly contentLength: number;
  readonly parts: readonly Uint8Array[];
}

/**
 * RFC 9110 §14.6: a multipart/byteranges body in the order asked. `boundary` must not occur in `content`.
 * The ranges are views of `content`.
 */
export function multipartByteranges(
  content: Uint8Array,
  mediaType: string,
  ranges: readonly ByteRange[],
  boundary: string,
): MultipartBody {
  const parts: Uint8Array[] = [];
  for (const range of ranges) {
    const contentRange = formatContentRange(range, content.length);
    parts.push(
      encodeUtf8(
        `${parts.length === 0 ? '' : '\r\n'}--${boundary}\r\n` +
          `content-type: ${mediaType}\r\ncontent-range: ${contentRange}\r\n\r\n`,
      ),
      content.subarray(range.start, range.end),
    );
  }
  parts.push(encodeUtf8(`\r\n--${boundary}--\r\n`));
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    contentLength: parts.reduce((sum, part) => sum + part.length, 0),
    parts,
  };
}
