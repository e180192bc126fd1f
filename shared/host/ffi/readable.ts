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

/** A descriptor that has an error for ever (a device that was pulled out) must not turn the loop without pause. */
const AFTER_ERROR_MS = 100;

/**
 * Calls `onReadable` in a turn of the loop of its own whenever `descriptor` can be read or has an error to tell; it must
 * read until the descriptor says EAGAIN. Disposing stops the calls; the descriptor stays the caller's, who closes it
 * afterwards.
 */
export function watchReadable(descriptor: number, onReadable: () => void): Disposable {
  const handle = Buffer.alloc(Number(uv.uv_handle_size(UV_POLL)));
  let stopped = false;
  let restart: NodeJS.Timeout | undefined;
  const start = (): void => {
    if (!stopped) check(uv.uv_poll_start(handle, UV_READABLE, onPoll), 'uv_poll_start');
  };
  const onPoll = processLibrary.registerCallback(
    { arguments: ['pointer', 'i32', 'i32'], return: 'void' },
    (_, status) => {
      // A callback straight from libuv runs no microtasks afterwards; an immediate of the same turn does.
      setImmediate(() => stopped || onReadable());
      // libuv ends a watch where the descriptor has an error (an overrun of netlink is one): reading takes it away.
      if (status < 0) restart = setTimeout(start, AFTER_ERROR_MS);
    },
  );
  check(uv.uv_poll_init(getCurrentEventLoop(), handle, descriptor), 'uv_poll_init');
  alive.add(handle);
  start();
  return {
    [Symbol.dispose]() {
      if (stopped) return;
      stopped = true;
      clearTimeout(restart);
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
