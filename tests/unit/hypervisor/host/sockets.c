/* SPDX-License-Identifier: ISC */
/* Unix sockets: listening, stale files, descriptors in messages. */
#include "host_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/resource.h>
#include <unistd.h>

#include <host/fd.h>
#include <host/file.h>
#include <host/pipe.h>
#include <host/socket.h>

static char path[512];

static void test_listen(void)
{
    char long_path[200];
    struct socket_peer peer;
    struct stat st;
    int l, c, s;

    snprintf(path, sizeof(path), "%s/sock", test_dir);
    check(socket_connect(path) == -ENOENT, "connect: nothing there");
    l = socket_listen(path);
    check(l >= 0, "listening");
    check(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "mode 0600");
    check(socket_accept(l) == -EAGAIN, "nobody yet");
    check(socket_listen(path) == -EADDRINUSE, "two listeners: refused");
    s = socket_accept(l); /* the second listener's try */
    fd_close(&s);
    c = socket_connect(path);
    s = socket_accept(l);
    check(c >= 0 && s >= 0, "connected");
    check(socket_peer(s, &peer) == 0 && peer.pid == getpid() &&
              peer.uid == geteuid(),
          "peer's credentials");
    check(socket_send(c, "abc", 3, NULL, 0) == 3, "sent");
    fd_close(&c);
    fd_close(&s);
    fd_close(&l); /* leaves the file behind, as a killed daemon would */
    check(socket_connect(path) == -ECONNREFUSED, "stale: refused");
    l = socket_listen(path);
    check(l >= 0, "stale file replaced");
    fd_close(&l);
    check(file_remove(path) == 0, "removed");

    l = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    fd_close(&l);
    check(socket_listen(path) == -EADDRINUSE, "a plain file is not replaced");
    check(file_remove(path) == 0, "removed");
    memset(long_path, 'x', sizeof(long_path));
    long_path[sizeof(long_path) - 1] = '\0';
    check(socket_listen(long_path) == -ENAMETOOLONG, "path too long");
}

static int open_fds(void)
{
    int n = 0;

    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* At most (n) descriptors, or as many as before (0). */
static void limit_fds(unsigned n)
{
    static struct rlimit ours;
    struct rlimit now;

    if (n && getrlimit(RLIMIT_NOFILE, &ours))
        abort();
    now = ours;
    if (n)
        now.rlim_cur = n;
    (void)setrlimit(RLIMIT_NOFILE, &now);
}

static void test_descriptors(void)
{
    int before = open_fds();
    int pair[2] = {-1, -1}, p[2] = {-1, -1}, got[4] = {-1, -1, -1, -1};
    size_t n = 4;
    char c = 0;

    check(socket_pair(pair, true) == 0 && pipe_create(p) == 0, "set up");
    check(socket_send(pair[0], "m", 1, p, 2) == 1, "two descriptors sent");
    check(socket_recv(pair[1], &c, 1, got, &n) == 1 && n == 2, "and received");
    check(fcntl(got[0], F_GETFD) & FD_CLOEXEC, "close-on-exec");
    check(fd_write(got[1], "!", 1) == 1 && fd_read(p[0], &c, 1) == 1 &&
              c == '!',
          "they are the pipe's");
    fd_close(&got[0]);
    fd_close(&got[1]);

    check(socket_send(pair[0], "m", 1, p, 2) == 1, "two again");
    n = 1;
    check(socket_recv(pair[1], &c, 1, got, &n) == -EMSGSIZE && n == 0,
          "more than there is room for: refused");
    check(socket_send(pair[0], "m", 1, p, 2) == 1, "two again");
    check(socket_recv(pair[1], &c, 1, NULL, NULL) == 1, "none wanted");
    check(open_fds() == before + 4, "unwanted descriptors were closed");
    check(socket_send(pair[0], "m", 1, p, 2) == 1, "two again");
    limit_fds(3);
    n = 4;
    check(socket_recv(pair[1], &c, 1, got, &n) == -EMFILE && n == 0,
          "no number left for those that come");
    limit_fds(0);
    check(open_fds() == before + 4, "nothing is left of them");
    check(socket_recv(pair[1], &c, 1, NULL, NULL) == -EAGAIN, "empty");
    fd_close(&pair[0]);
    check(socket_recv(pair[1], &c, 1, NULL, NULL) == 0, "end");
    check(socket_send(pair[1], "m", 1, NULL, 0) == -EPIPE, "nobody there");
    fd_close(&pair[1]);
    fd_close(&p[0]);
    fd_close(&p[1]);
    check(open_fds() == before, "nothing left open");
}

void test_sockets(void)
{
    test_listen();
    test_descriptors();
}
