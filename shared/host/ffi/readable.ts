/**
 * Tells when a descriptor that Node has no stream for (netlink, packet socket, input device) can be read, by a libuv
 * poll handle on the main loop: no thread, no polling. libuv's functions are exported by the node binary.
 */
import { getCurrentEventLoop } from 'node:ffi';
import { processLibrary } from './library.ts';

const UV_READABLE = 1;
/** enum uv_handle_type, UV_POLL: the public order of libuv's handle types, fixed since 1.0. */
const UV_POLL = 8;

const uv = processLibrary.getFunctions({
  uv_handle_size: { arguments: ['i32'], return: 'u64' },
  uv_poll_init: { arguments: ['pointer', 'pointer', 'i32'], return: 'i32' },
  uv_poll_start: { arguments: ['pointer', 'i32', 'pointer'], return: 'i32' },
  uv_poll_stop: { arguments: ['pointer'], return: 'i32' },
  uv_close: { arguments: ['pointer', 'pointer'], return: 'void' },
});

/** What libuv holds a pointer to stays in this set, so that it is never collected while the loop may touch it. */
const alive = new Set<object>();

/**
 * Calls `onReadable` in a turn of the loop of its own whenever `descriptor` can be read; it must read until the
 * descriptor says EAGAIN. Disposing stops the calls; the descriptor stays the caller's, who closes it afterwards.
 */
export function watchReadable(descriptor: number, onReadable: () => void): Disposable {
  const handle = Buffer.alloc(Number(uv.uv_handle_size(UV_POLL)));
  let stopped = false;
  const onPoll = processLibrary.registerCallback(
    { arguments: ['pointer', 'i32', 'i32'], return: 'void' },
    // A callback straight from libuv runs no microtasks afterwards; an immediate of the same turn does.
    () => void setImmediate(() => stopped || onReadable()),
  );
  check(uv.uv_poll_init(getCurrentEventLoop(), handle, descriptor), 'uv_poll_init');
  check(uv.uv_poll_start(handle, UV_READABLE, onPoll), 'uv_poll_start');
  alive.add(handle);
  return {
    [Symbol.dispose]() {
      if (stopped) return;
      stopped = true;
      uv.uv_poll_stop(handle);
      closeHandle(handle, onPoll);
    },
  };
}

function closeHandle(handle: Buffer, onPoll: bigint): void {
  const onClosed = processLibrary.registerCallback({ arguments: ['pointer'], return: 'void' }, () => {
    setImmediate(() => {
      processLibrary.unregisterCallback(onPoll);
      processLibrary.unregisterCallback(onClosed);
      alive.delete(handle);
    });
  });
  uv.uv_close(handle, onClosed);
}

function check(result: number, call: string): void {
  if (result < 0) throw new Error(`${call}: error ${-result}`);
}
