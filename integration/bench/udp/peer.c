/*
 * The peer that bench:udp measures against, and its load generator; not part of Lares.
 *   peer serve           the same loop as the batched device, as good C would write it: epoll, recvmmsg, sendmmsg
 *   peer load PORT SECONDS WINDOW
 *                        keeps WINDOW datagrams under way and prints how many answers came and how many were wrong
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, SLOT = 2048, PAYLOAD = 64, RECEIVE_BUFFER = 4 * 1024 * 1024 };

struct batch {
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    struct sockaddr_in names[BATCH];
    uint8_t slots[BATCH][SLOT];
};

static struct batch requests, replies;

static void prepare(struct batch *batch, struct sockaddr_in *names) {
    for (int i = 0; i < BATCH; i++) {
        batch->vectors[i] = (struct iovec){batch->slots[i], SLOT};
        batch->messages[i].msg_hdr = (struct msghdr){
            .msg_name = names ? &names[i] : NULL,
            .msg_namelen = names ? sizeof names[i] : 0,
            .msg_iov = &batch->vectors[i],
            .msg_iovlen = 1,
        };
    }
}

/* FNV-1a over all but the last four bytes, which take its value: a little work on every byte, as a parser does. */
static uint32_t hash(const uint8_t *bytes, size_t length) {
    uint32_t value = 2166136261u;
    for (size_t i = 0; i < length; i++) value = (value ^ bytes[i]) * 16777619u;
    return value;
}

static void answer(const uint8_t *request, size_t length, uint8_t *reply) {
    uint32_t value = hash(request, length - 4);
    memcpy(reply, request, length - 4);
    memcpy(reply + length - 4, &value, 4);
}

static int open_socket(void) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int size = RECEIVE_BUFFER;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    return fd;
}

static int serve(void) {
    int fd = open_socket();
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(fd, (struct sockaddr *)&address, length) < 0) return perror("bind"), 1;
    getsockname(fd, (struct sockaddr *)&address, &length);
    int stop = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event readable = {.events = EPOLLIN, .data.fd = fd}, stopped = {.events = EPOLLIN, .data.fd = stop};
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &readable);
    epoll_ctl(poll, EPOLL_CTL_ADD, stop, &stopped);
    prepare(&requests, requests.names);
    prepare(&replies, requests.names);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    int count = 0;
    for (;;) {
        if (count < BATCH) {
            struct epoll_event events[2];
            int ready = epoll_wait(poll, events, 2, 1000);
            for (int i = 0; i < ready; i++)
                if (events[i].data.fd == stop) return 0;
        }
        count = recvmmsg(fd, requests.messages, BATCH, MSG_DONTWAIT, NULL);
        if (count < 0) {
            if (errno != EAGAIN && errno != EINTR) return perror("recvmmsg"), 1;
            count = 0;
            continue;
        }
        int out = 0;
        for (int i = 0; i < count; i++) {
            size_t size = requests.messages[i].msg_len;
            if (size < 4) continue;
            answer(requests.slots[i], size, replies.slots[i]);
            replies.vectors[out] = (struct iovec){replies.slots[i], size};
            replies.messages[out++].msg_hdr.msg_name = &requests.names[i];
        }
        for (int sent = 0; sent < out;) {
            int taken = sendmmsg(fd, replies.messages + sent, out - sent, MSG_DONTWAIT);
            if (taken < 0 && errno == EAGAIN) break;
            sent += taken > 0 ? taken : 1;
        }
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static int load(int port, double seconds, int window) {
    int fd = open_socket();
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) return perror("connect"), 1;
    prepare(&requests, NULL);
    prepare(&replies, NULL);
    uint64_t sent = 0, answered = 0, wrong = 0, lost = 0, counter = 0;
    double end = now() + seconds, heard = now();
    int poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event readable = {.events = EPOLLIN};
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &readable);
    for (double time = now(); time < end; time = now()) {
        int room = window - (int)(sent - answered - lost);
        int batch = room < BATCH ? room : BATCH;
        for (int i = 0; i < batch; i++) {
            memset(requests.slots[i], (int)counter, PAYLOAD);
            memcpy(requests.slots[i], &counter, sizeof counter);
            counter++;
            requests.vectors[i].iov_len = PAYLOAD;
        }
        int out = batch > 0 ? sendmmsg(fd, requests.messages, batch, MSG_DONTWAIT) : 0;
        if (out > 0) sent += out;
        int in = recvmmsg(fd, replies.messages, BATCH, MSG_DONTWAIT, NULL);
        if (in > 0) {
            heard = time;
            answered += in;
            for (int i = 0; i < in; i++) {
                uint32_t value;
                memcpy(&value, replies.slots[i] + PAYLOAD - 4, 4);
                if (replies.messages[i].msg_len != PAYLOAD || value != hash(replies.slots[i], PAYLOAD - 4)) wrong++;
            }
        } else if (batch == 0) {
            struct epoll_event event;
            epoll_wait(poll, &event, 1, 10);
            if (now() - heard > 0.2) lost = sent - answered, heard = now();
        }
    }
    printf("{\"answered\":%lu,\"wrong\":%lu,\"lost\":%lu}\n", answered, wrong, lost);
    return 0;
}

int main(int count, char **words) {
    if (count == 2 && strcmp(words[1], "serve") == 0) return serve();
    if (count == 5 && strcmp(words[1], "load") == 0) return load(atoi(words[2]), atof(words[3]), atoi(words[4]));
    fprintf(stderr, "peer serve | peer load PORT SECONDS WINDOW\n");
    return 2;
}
