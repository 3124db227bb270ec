/* SPDX-License-Identifier: ISC */
/* Opening and closing of connections. */
#include "client.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define PROTOCOL_VERSION 1
#define DYING_MS         5000
#define MAX_TRIES        3 /* of finding a daemon that lives                   */

int midge_from_fd(int fd, struct midge **out, struct midge_error *err)
{
    struct midge *m = calloc(1, sizeof(*m));

    if (!m) {
        (void)close(fd);
        return fail(err, MIDGE_E_NO_MEMORY, "out of memory");
    }
    m->fd = fd;
    *out = m;
    return 0;
}

void midge_close(struct midge *m)
{
    if (!m)
        return;
    (void)close(m->fd);
    drop_stored(m);
    free(m->in);
    free(m->run_dir);
    free(m);
}

int midge_fd(const struct midge *m)
{
    return m->fd;
}

/* The socket file may be in order and the process behind it not. The pid of
 * that process, or -1. */
static int check_peer(int fd, struct midge_error *err)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
        return fail(err, MIDGE_E_SYSTEM, "cannot identify midge-hv: %s",
                    strerror(errno));
    if (peer.uid != geteuid() && peer.uid != 0)
        return fail(err, MIDGE_E_UNTRUSTED,
                    "midge-hv (pid %d) runs as user %u, not as you (%u) or "
                    "root; set MIDGE_RUN to a directory of yours",
                    (int)peer.pid, (unsigned)peer.uid, (unsigned)geteuid());
    return (int)peer.pid;
}

/* A socket connected to the daemon (*pid) of (run_dir), or -1;
 * MIDGE_E_NO_DAEMON when nobody listens. */
static int connect_socket(const char *run_dir, int *pid,
                          struct midge_error *err)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int n = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control.sock",
                     run_dir);
    int fd, r;

    if (n < 0 || (size_t)n >= sizeof(addr.sun_path))
        return fail(err, MIDGE_E_SYSTEM,
                    "%s/control.sock is longer than the %zu bytes a socket's "
                    "path can have; set MIDGE_RUN to a shorter one",
                    run_dir, sizeof(addr.sun_path) - 1);
    if (check_run_dir(run_dir, err) < 0)
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(err, MIDGE_E_SYSTEM, "cannot make a socket: %s",
                    strerror(errno));
    do
        r = connect(fd, (struct sockaddr *)&addr, sizeof(addr));
    while (r < 0 && errno == EINTR);
    if (r < 0 && errno == EACCES) {
        (void)close(fd);
        return fail(err, MIDGE_E_UNTRUSTED,
                    "%s is not open to you; set MIDGE_RUN to a directory of "
                    "yours",
                    addr.sun_path);
    }
    if (r < 0) {
        (void)fail(err,
                   errno == ENOENT || errno == ECONNREFUSED ? MIDGE_E_NO_DAEMON
                                                            : MIDGE_E_SYSTEM,
                   "cannot connect to %s: %s", addr.sun_path, strerror(errno));
        (void)close(fd);
        return -1;
    }
    *pid = check_peer(fd, err);
    if (*pid < 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static int hello(struct midge *m, struct midge_error *err)
{
    json_t *answer;
    unsigned version;

    if (call(m, "hello", json_pack("{s:i}", "version", PROTOCOL_VERSION), NULL,
             0, &answer, err) < 0)
        return -1;
    version = get_unsigned(answer, "version");
    json_decref(answer);
    if (version != PROTOCOL_VERSION)
        return fail(err, MIDGE_E_PROTOCOL,
                    "midge-hv speaks version %u of the control protocol, this "
                    "program version %d; stop the old daemon",
                    version, PROTOCOL_VERSION);
    return 0;
}

/* A daemon that was killed takes some milliseconds to die, with its socket open
 * nearly to the end. Whether (pid) has ended, waiting for that for a while. */
static bool has_ended(int pid)
{
    int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int r;

    if (fd < 0)
        return pid > 0 && errno == ESRCH;
    do
        r = poll(&p, 1, DYING_MS);
    while (r < 0 && errno == EINTR);
    (void)close(fd);
    return r > 0;
}

/* (*dead) tells that the daemon was on its way out: another one can be started. */
static int connect_once(const struct midge_options *opt, const char *run,
                        struct midge **out, bool *dead, struct midge_error *err)
{
    struct midge *m = NULL;
    int fd, pid = 0;

    *dead = false;
    fd = connect_socket(run, &pid, err);
    if (fd < 0 && err->code == MIDGE_E_NO_DAEMON && !opt->no_start) {
        if (start_daemon(opt->daemon, run, err) < 0)
            return -1;
        fd = connect_socket(run, &pid, err);
        *dead = fd < 0 && err->code == MIDGE_E_NO_DAEMON;
    }
    if (fd < 0 || midge_from_fd(fd, &m, err) < 0 || !m)
        return -1; /* (m) is there when it succeeds; the analyser cannot tell */
    m->pid = pid;
    m->slow = opt->slow;
    m->run_dir = strdup(run); /* NULL: messages are less exact */
    if (hello(m, err) < 0) {
        *dead = m->hung_up && has_ended(pid);
        midge_close(m);
        if (*dead)
            err->code = MIDGE_E_NO_DAEMON;
        return -1;
    }
    *out = m;
    return 0;
}

int midge_connect(const struct midge_options *opt, struct midge **out,
                  struct midge_error *err)
{
    static const struct midge_options defaults = {.run_dir = NULL};
    char run_dir[PATH_MAX];
    const char *run = run_dir;
    int tries = 0, rc;
    bool dead;

    if (!opt)
        opt = &defaults;
    if (opt->run_dir)
        run = opt->run_dir;
    else if (midge_run_dir(run_dir, sizeof(run_dir), err) < 0)
        return -1;
    do
        rc = connect_once(opt, run, out, &dead, err);
    while (rc < 0 && dead && !opt->no_start && ++tries < MAX_TRIES);
    return rc;
}
