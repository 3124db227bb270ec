/* SPDX-License-Identifier: ISC */
/*
 * Unix stream sockets with peer credentials and descriptor passing.
 * All descriptors are CLOEXEC; 0 or a descriptor, -errno on failure.
 */
#ifndef HOST_SOCKET_H
#define HOST_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

#define SOCKET_MAX_FDS 8 /* descriptors in one message                      */

/*
 * Listens on (path), mode 0600, non-blocking. A socket file that nobody
 * listens on any more is replaced; -EADDRINUSE when somebody does (or when
 * the path is not a socket), -ENAMETOOLONG when the path exceeds what Linux
 * allows (107 bytes). Hold the run directory's lock (file_lock()) around it.
 */
__must_check int socket_listen(const char *path);

/* Next connection of a listening socket, non-blocking; -EAGAIN when none.
 * -EMFILE/-ENFILE: out of descriptors, the connection stays queued. */
__must_check int socket_accept(int fd);

/* Connects to (path), blocking descriptor. -ENOENT, -ECONNREFUSED, ... */
__must_check int socket_connect(const char *path);

/* A connected pair, non-blocking; seqpacket keeps message boundaries. */
__must_check int socket_pair(int fd[2], bool seqpacket);

struct socket_peer {
    int pid;
    unsigned uid, gid;
};
/* Who connected (SO_PEERCRED), as of connect time. 0 or -errno. */
__must_check int socket_peer(int fd, struct socket_peer *peer);

/*
 * Sends bytes and, with the first of them, (nr_fds) descriptors (borrowed).
 * Returns bytes sent (may be fewer on a stream; the descriptors have gone with
 * the first byte) or -errno. No SIGPIPE.
 */
__must_check long socket_send(int fd, const void *buf, size_t len,
                              const int *fds, size_t nr_fds);

/*
 * Receives at most (len) bytes, and descriptors into fds[0..*nr_fds), (*nr_fds)
 * being the room on entry and the number received on return (CLOEXEC; the
 * caller owns them). Descriptors that do not fit are closed and the call fails
 * with -EMSGSIZE; -EMFILE: we have no number left for one that came. Its bytes
 * are lost in either case. Returns bytes, 0 at end, or -errno. (fds) NULL: none wanted,
 * any that come are closed.
 */
__must_check long socket_recv(int fd, void *buf, size_t len, int *fds,
                              size_t *nr_fds);

#endif /* HOST_SOCKET_H */
