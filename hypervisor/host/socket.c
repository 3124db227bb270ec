/* SPDX-License-Identifier: ISC */
/* Unix stream sockets with peer credentials and descriptor passing. */
#include <host/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <base/compiler.h>

#define BACKLOG 128

static int make_address(struct sockaddr_un *sa, const char *path)
{
    size_t len = strlen(path);

    memset(sa, 0, sizeof(*sa));
    sa->sun_family = AF_UNIX;
    if (len >= sizeof(sa->sun_path))
        return -ENAMETOOLONG;
    memcpy(sa->sun_path, path, len);
    return 0;
}

static int new_socket(int flags)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

    return fd < 0 ? -errno : fd;
}

int socket_connect(const char *path)
{
    struct sockaddr_un sa;
    int rc = make_address(&sa, path);
    int fd, r;

    if (rc)
        return rc;
    fd = new_socket(0);
    if (fd < 0)
        return fd;
    do {
        r = connect(fd, (struct sockaddr *)&sa, sizeof(sa));
    } while (r && errno == EINTR);
    if (r) {
        rc = -errno;
        close(fd);
        return rc;
    }
    return fd;
}

/* Removes a socket file without a listener; -EADDRINUSE when it is not that. */
static int remove_stale(const char *path)
{
    struct stat st;
    int fd;

    if (lstat(path, &st))
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EADDRINUSE;
    fd = socket_connect(path);
    if (fd >= 0)
        close(fd);
    if (fd != -ECONNREFUSED)
        return -EADDRINUSE;
    return unlink(path) && errno != ENOENT ? -errno : 0;
}

static int bind_private(int fd, const struct sockaddr_un *sa)
{
    /* The file must never exist with a wider mode, not for a moment: bind()
     * gives it the socket's own mode, less the umask. */
    if (fchmod(fd, 0600))
        return -errno;
    return bind(fd, (const struct sockaddr *)sa, sizeof(*sa)) ? -errno : 0;
}

int socket_listen(const char *path)
{
    struct sockaddr_un sa;
    int rc = make_address(&sa, path);
    int fd;

    if (rc)
        return rc;
    fd = new_socket(SOCK_NONBLOCK);
    if (fd < 0)
        return fd;
    rc = bind_private(fd, &sa);
    if (rc == -EADDRINUSE) {
        rc = remove_stale(path);
        if (!rc)
            rc = bind_private(fd, &sa);
    }
    if (!rc && listen(fd, BACKLOG))
        rc = -errno;
    if (rc) {
        close(fd);
        return rc;
    }
    return fd;
}

int socket_accept(int fd)
{
    int r;

    do {
        r = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    } while (r < 0 && (errno == EINTR || errno == ECONNABORTED));
    return r < 0 ? -errno : r;
}

int socket_pair(int fd[2], bool seqpacket)
{
    int type = seqpacket ? SOCK_SEQPACKET : SOCK_STREAM;

    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd)) {
        fd[0] = fd[1] = -1;
        return -errno;
    }
    return 0;
}

int socket_peer(int fd, struct socket_peer *peer)
{
    struct ucred c;
    socklen_t len = sizeof(c);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len))
        return -errno;
    peer->pid = c.pid;
    peer->uid = c.uid;
    peer->gid = c.gid;
    return 0;
}

/* Room for one SCM_RIGHTS message, aligned as cmsg(3) wants it. */
union control_buf {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(SOCKET_MAX_FDS * sizeof(int))];
};

long socket_send(int fd, const void *buf, size_t len, const int *fds,
                 size_t nr_fds)
{
    struct iovec iov = {.iov_base = (void *)(uintptr_t)buf, .iov_len = len};
    struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};
    union control_buf control;
    ssize_t r;

    if (nr_fds > SOCKET_MAX_FDS)
        return -EINVAL;
    if (nr_fds) {
        struct cmsghdr *c;

        memset(&control, 0, sizeof(control));
        mh.msg_control = control.bytes;
        mh.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
        c = CMSG_FIRSTHDR(&mh);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
        memcpy(CMSG_DATA(c), fds, nr_fds * sizeof(int));
    }
    do {
        r = sendmsg(fd, &mh, MSG_NOSIGNAL);
    } while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}

/* Moves the descriptors of one message to fds[*n .. max); closes the rest.
 * Returns how many there were. */
static size_t take_fds(struct cmsghdr *c, int *fds, size_t max, size_t *n)
{
    size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

    for (size_t i = 0; i < count; i++) {
        int got;

        memcpy(&got, CMSG_DATA(c) + i * sizeof(int), sizeof(got));
        if (*n < max) {
            fds[(*n)++] = got;
        } else {
            close(got);
        }
    }
    return count;
}

long socket_recv(int fd, void *buf, size_t len, int *fds, size_t *nr_fds)
{
    struct iovec iov = {.iov_base = buf, .iov_len = len};
    union control_buf control;
    struct msghdr mh = {.msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = control.bytes,
                        .msg_controllen = sizeof(control.bytes)};
    size_t max = fds ? *nr_fds : 0;
    size_t n = 0, came = 0;
    ssize_t r;

    if (nr_fds)
        *nr_fds = 0;
    do {
        r = recvmsg(fd, &mh, MSG_CMSG_CLOEXEC);
    } while (r < 0 && errno == EINTR);
    if (r < 0)
        return -errno;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&mh); c; c = CMSG_NXTHDR(&mh, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
            came += take_fds(c, fds, max, &n);
    }
    /* MSG_CTRUNC: Linux has closed what did not fit into control, or what it
     * had no number for. */
    if (fds && (came > max || (mh.msg_flags & MSG_CTRUNC))) {
        while (n)
            close(fds[--n]);
        return came >= MIN(max, SOCKET_MAX_FDS) ? -EMSGSIZE : -EMFILE;
    }
    if (nr_fds)
        *nr_fds = n;
    return r;
}
