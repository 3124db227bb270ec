/* SPDX-License-Identifier: ISC */
/* Who may connect, and what is said when there is no descriptor left for it. */

#include <errno.h>
#include <stdlib.h>
#include <host/fd.h>
#include <host/file.h>
#include <host/socket.h>
#include "conn.h"

/* Out of descriptors: the spare one serves to say so to the client. */
static int accept_refused(struct daemon *dm, int listen_fd)
{
    struct ctl_error e;
    char *bytes, asked[4096];
    size_t len;
    long n = -ENOMEM;
    int fd;

    fd_close(&dm->spare_fd);
    fd = socket_accept(listen_fd);
    if (fd >= 0) {
        (void)ctl_refuse(&e, CTL_LIMIT, /* only fills (e) */
                         "the daemon has no descriptor left; raise the limit "
                         "of open files (ulimit -n)");
        bytes = ctl_message(ctl_answer_error(0, &e), &len);
        if (bytes)
            n = socket_send(fd, bytes, len, NULL, 0);
        /* What it has asked already must be read, or closing would throw our
         * answer away. */
        if (n > 0)
            n = socket_recv(fd, asked, sizeof(asked), NULL, NULL);
        (void)n; /* whether it has got it or has gone */
        free(bytes);
        fd_close(&fd);
    }
    dm->spare_fd = file_open_read("/dev/null");
    return -EMFILE;
}

/* Only the daemon's user, and root. */
static bool may_connect(const struct daemon *dm, int fd)
{
    struct socket_peer peer;

    if (socket_peer(fd, &peer))
        return false;
    return peer.uid == dm->uid || peer.uid == 0;
}

void conn_accept(struct worker *w)
{
    struct daemon *dm = w->dm;
    int fd = socket_accept(w->listener.fd);

    if (fd == -EMFILE || fd == -ENFILE) {
        daemon_lock(dm);
        fd = accept_refused(dm, w->listener.fd);
        daemon_unlock(dm);
    }
    if (fd < 0)
        return;
    if (may_connect(dm, fd))
        conn_new(w, fd);
    else
        fd_close(&fd);
}
