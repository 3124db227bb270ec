/* SPDX-License-Identifier: ISC */
/*
 * The clean stop. The daemon's side: stop_begin() closes the door and kills
 * every domain, the last structure to go ends the loops. And the side of
 * `midge-hv --stop', which asks for it.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <host/fd.h>
#include <host/process.h>
#include <host/service.h>
#include <host/socket.h>
#include "conn.h"
#include "kvm.h"
#include "rundir.h"
#include "templates.h"

void stop_begin(struct daemon *dm, const char *why)
{
    unsigned i;

    if (!dm->stopping) {
        dm->stopping = true;
        log_line(dm, "stopping %s: %u domain%s to end", why,
                 hv_nr_domains(dm->hv), hv_nr_domains(dm->hv) == 1 ? "" : "s");
        rundir_unlisten(dm);
        for (i = 0; i < dm->nr_workers; i++)
            loop_post(dm->worker[i].loop, &dm->worker[i].kill_all);
    }
    stop_check(dm);
}

void stop_check(struct daemon *dm)
{
    unsigned i;

    if (!dm->stopping || dm->finished || dm->nr_doms || dm->nr_dumps)
        return;
    dm->finished = true;
    /* Now, while the loops still run: the engine closes its zygotes there. */
    templates_destroy(dm);
    log_line(dm, "stopped");
    kvm_give_up(dm);
    replies_ok(&dm->stop_replies);
    /* Behind the answers, which the loops have been given before. */
    for (i = 0; i < dm->nr_workers; i++)
        loop_post(dm->worker[i].loop, &dm->worker[i].finish);
    loop_post(dm->main_loop, &dm->finish);
}

static int send_stop(int fd)
{
    size_t len = 0;
    char *message;
    int rc;

    message = ctl_message(json_pack("{s:i, s:s}", "id", 1, "op", "stop"), &len);
    if (!message)
        return -ENOMEM;
    rc = fd_write_all(fd, message, len);
    free(message);
    return rc;
}

/* A descriptor that tells the end of the daemon behind (fd), or -errno. */
static int watch_daemon(int fd)
{
    struct socket_peer peer;
    int rc = socket_peer(fd, &peer);

    return rc ? rc : process_open(peer.pid);
}

int stop_running(const char *run_dir)
{
    char path[PATH_MAX], buf[512];
    int fd, end_fd, rc;
    long n;

    if (rundir_path(run_dir, "control.sock", path)) {
        fprintf(stderr, "midge-hv: run directory name is too long\n");
        return EXIT_FAILED;
    }
    fd = socket_connect(path);
    if (fd == -ENOENT || fd == -ECONNREFUSED) {
        fprintf(stderr, "midge-hv: no daemon serves %s\n", run_dir);
        return EXIT_SERVED;
    }
    end_fd = fd < 0 ? -1 : watch_daemon(fd);
    rc = fd < 0 ? fd : send_stop(fd);
    /* The answer, then the end of the daemon; only the end when it was on its
     * way out already. */
    while (!rc) {
        n = fd_read(fd, buf, sizeof(buf));
        if (n <= 0)
            rc = n < 0 ? (int)n : -ECONNRESET;
    }
    fd_close(&fd);
    if (rc == -ECONNRESET || rc == -EPIPE) {
        /* It still has its lock to remove, and itself. */
        if (end_fd >= 0)
            fd_wait_readable(end_fd);
        fd_close(&end_fd);
        return EXIT_SERVED;
    }
    fd_close(&end_fd);
    fprintf(stderr, "midge-hv: %s: the daemon cannot be asked to stop: %s\n",
            path, strerror(-rc));
    return EXIT_FAILED;
}
