import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { thisArchitecture } from '../../shared/host/ffi/architecture.ts';
import { datagramLayout } from '../../shared/host/ffi/datagram-layout.ts';
import { epollEventLayouts } from '../../shared/host/ffi/epoll.ts';
import { SOCKET_ADDRESS } from '../../shared/host/ffi/socket-address.ts';

const run = promisify(execFile);

/** Prints the compiler's own sizes and offsets in the order of the expectation below. */
const PROGRAM = `
#define _GNU_SOURCE
#include <stddef.h>
#include <stdio.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#define AT(type, member) offsetof(struct type, member)
int main(void) {
    size_t all[] = {
        sizeof(struct iovec), AT(iovec, iov_base), AT(iovec, iov_len),
        sizeof(struct mmsghdr), AT(mmsghdr, msg_hdr.msg_name), AT(mmsghdr, msg_hdr.msg_namelen),
        AT(mmsghdr, msg_hdr.msg_iov), AT(mmsghdr, msg_hdr.msg_iovlen), AT(mmsghdr, msg_hdr.msg_flags), AT(mmsghdr, msg_len),
        sizeof(struct pollfd), AT(pollfd, fd), AT(pollfd, events), AT(pollfd, revents),
        sizeof(struct timespec), AT(timespec, tv_sec), AT(timespec, tv_nsec),
        sizeof(struct epoll_event), AT(epoll_event, events), AT(epoll_event, data),
        sizeof(struct sockaddr_in), AT(sockaddr_in, sin_addr), sizeof(struct sockaddr_in6), AT(sockaddr_in6, sin6_addr),
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) printf("%zu ", all[i]);
}
`;

it('the structures of the socket calls are where the C compiler has them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lares-layouts-'));
  try {
    await writeFile(join(folder, 'layouts.c'), PROGRAM);
    await run('gcc', ['-o', join(folder, 'layouts'), join(folder, 'layouts.c')]);
    const { stdout } = await run(join(folder, 'layouts'));
    const { iovec, message, poll, time } = datagramLayout();
    const { ipv4, ipv6 } = SOCKET_ADDRESS;
    const event = epollEventLayouts[thisArchitecture()];
    const ours = [
      ...[iovec.bytes, iovec.base, iovec.length],
      ...[message.bytes, message.name, message.nameLength, message.vectors, message.vectorCount],
      ...[message.flags, message.length],
      ...[poll.bytes, poll.descriptor, poll.events, poll.returned],
      ...[time.bytes, time.seconds, time.nanoseconds],
      ...[event.bytes, event.events, event.data],
      ...[ipv4.bytes, ipv4.address, ipv6.bytes, ipv6.address],
    ];
    expect(stdout.trim().split(' ').map(Number)).toEqual(ours);
  } finally {
    await rm(folder, { recursive: true });
  }
});
