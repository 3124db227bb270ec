/* SPDX-License-Identifier: ISC */
/* Who may connect, and what is said when there is no descriptor left for it. */

#include <errno.h>
#include <host/fd.h>
#include <host/file.h>
#include <host/socket.h>
#include "conn.h"

void conn_refuse(int fd, enum ctl_last_word why)
{
    char asked[4096];
    size_t len;
    const void *word = ctl_last_word(why, &len);
    long n = socket_send(fd, word, len, NULL, 0);

    /* What it has asked already must be read, or closing would throw our
     * answer away. */
    if (n > 0)
        n = socket_recv(fd, asked, sizeof(asked), NULL, NULL);
    (void)n; /* whether it has got it or has gone */
    fd_close(&fd);
}

/* Out of descriptors: the spare one serves to say so to the client. False when
 * it still waits for an answer. */
static bool accept_refused(struct daemon *dm, int listen_fd)
{
    int fd;

    fd_close(&dm->spare_fd);
    fd = socket_accept(listen_fd);
    if (fd >= 0)
        conn_refuse(fd, CTL_LAST_DESCRIPTORS);
    /* -errno if it cannot be had back: the next one accepted tries again. */
    dm->spare_fd = file_open_read("/dev/null");
    return fd >= 0 || fd == -EAGAIN;
}

/* Only the daemon's user, and root. */
static bool may_connect(const struct daemon *dm, int fd)
{
    struct socket_peer peer;

    if (socket_peer(fd, &peer))
        return false;
    return peer.uid == dm->uid || peer.uid == 0;
}

bool conn_accept(struct worker *w)
{
    struct daemon *dm = w->dm;
    int fd = socket_accept(w->listener.fd);
    bool done = fd >= 0 || fd == -EAGAIN;

    daemon_lock(dm);
    if (fd == -EMFILE || fd == -ENFILE)
        done = accept_refused(dm, w->listener.fd);
    else if (fd >= 0 && dm->spare_fd < 0)
        dm->spare_fd = file_open_read("/dev/null");
    daemon_unlock(dm);
    if (fd < 0)
        return done;
    if (may_connect(dm, fd))
        conn_new(w, fd);
    else
        fd_close(&fd);
    return true;
}
