/* SPDX-License-Identifier: ISC */
/* The run directory, and being the only daemon in it. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <host/fd.h>
#include <host/file.h>
#include <host/service.h>
#include <host/socket.h>
#include "rundir.h"

/* What Linux allows as the name of a Unix socket (host/socket.h). */
#define SOCKET_PATH_MAX 107
#define RUN_DIR_MAX     ((int)(SOCKET_PATH_MAX - strlen("/control.sock")))

int rundir_path(const char *run_dir, const char *name, char path[PATH_MAX])
{
    int n = snprintf(path, PATH_MAX, "%s/%s", run_dir, name);

    return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* file_private_dir() of a directory whose parent is root's makes nothing; it
 * tells whether it is there and ours. The client has the same rule. */
void rundir_default(char path[PATH_MAX])
{
    unsigned uid = geteuid();

    if (uid == 0) {
        (void)snprintf(path, PATH_MAX, "/run/midge"); /* fits, as all do */
        return;
    }
    (void)snprintf(path, PATH_MAX, "/run/user/%u", uid);
    if (file_private_dir(path))
        (void)snprintf(path, PATH_MAX, "/tmp/midge-%u", uid);
    else
        (void)snprintf(path, PATH_MAX, "/run/user/%u/midge", uid);
}

static int complain(const char *path, int err)
{
    switch (err) {
    case -EPERM:
        fprintf(stderr,
                "midge-hv: run directory %s belongs to another user; set "
                "MIDGE_RUN to a directory of your own\n",
                path);
        break;
    case -ENOTUNIQ:
        fprintf(stderr,
                "midge-hv: run directory %s can be written to by group or "
                "others; chmod go-w it or set MIDGE_RUN\n",
                path);
        break;
    case -ENOTDIR:
        fprintf(stderr,
                "midge-hv: run directory %s is a symbolic link or not a "
                "directory; remove it or set MIDGE_RUN\n",
                path);
        break;
    case -ENAMETOOLONG:
        fprintf(stderr,
                "midge-hv: run directory %s: name too long for the sockets in "
                "it (%d bytes, the limit is %d); set MIDGE_RUN\n",
                path, (int)strlen(path), RUN_DIR_MAX);
        break;
    default:
        fprintf(stderr,
                "midge-hv: run directory %s cannot be used: %s; set MIDGE_RUN "
                "to a directory of your own\n",
                path, strerror(-err));
        break;
    }
    return EXIT_FAILED;
}

static int make_dirs(const struct daemon *dm)
{
    char path[PATH_MAX];
    int rc = file_private_dir(dm->run_dir);

    if (rc)
        return complain(dm->run_dir, rc);
    rc = rundir_path(dm->run_dir, "console", path);
    if (!rc)
        rc = file_private_dir(path);
    if (rc)
        return complain(path, rc);
    /* Made later (store.c), but what is there already is looked at now. */
    rc = rundir_path(dm->run_dir, "xenstored", path);
    if (!rc && file_exists(path))
        rc = file_private_dir(path);
    return rc ? complain(path, rc) : EXIT_SERVED;
}

static bool somebody_serves(const char *run_dir)
{
    char path[PATH_MAX];
    int fd;

    if (rundir_path(run_dir, "control.sock", path))
        return false;
    fd = socket_connect(path);
    if (fd < 0)
        return false;
    fd_close(&fd);
    return true;
}

int rundir_enter(struct daemon *dm, int *start_fd)
{
    char path[PATH_MAX];
    int rc;

    /* Before anything is made that would be left behind. */
    if (rundir_path(dm->run_dir, "control.sock", path) ||
        strlen(path) > SOCKET_PATH_MAX)
        return complain(dm->run_dir, -ENAMETOOLONG);
    rc = make_dirs(dm);
    if (rc)
        return rc;
    if (rundir_path(dm->run_dir, "lock", path))
        return complain(dm->run_dir, -ENAMETOOLONG);
    for (;;) {
        *start_fd = service_lock_dir(dm->run_dir);
        if (*start_fd < 0)
            return complain(dm->run_dir, *start_fd);
        dm->lock_fd = file_lock(path, false);
        if (dm->lock_fd >= 0)
            return EXIT_SERVED;
        if (dm->lock_fd != -EWOULDBLOCK)
            break;
        if (somebody_serves(dm->run_dir))
            return EXIT_OTHER;
        /* It is ending, and may want the directory's lock for that. */
        fd_close(start_fd);
        dm->lock_fd = file_lock(path, true);
        if (dm->lock_fd < 0)
            break;
        fd_close(&dm->lock_fd);
    }
    rc = dm->lock_fd;
    dm->lock_fd = -1;
    return complain(path, rc);
}

int rundir_listen(struct daemon *dm, bool *stale)
{
    char path[PATH_MAX];
    int fd = rundir_path(dm->run_dir, "control.sock", path);

    if (fd)
        return fd;
    /* A socket cannot be opened as a file: -ENXIO; -ENOENT is the good case. */
    fd = file_open_read(path);
    *stale = fd != -ENOENT;
    fd_close(&fd);
    dm->listen_fd = socket_listen(path);
    return dm->listen_fd < 0 ? dm->listen_fd : 0;
}

void rundir_unlisten(struct daemon *dm)
{
    char path[PATH_MAX];

    dom_store_unlisten(dm);
    if (dm->listen_fd < 0 || rundir_path(dm->run_dir, "control.sock", path))
        return;
    if (file_remove(path))
        log_line(dm, "%s could not be removed", path);
}

void rundir_leave(struct daemon *dm)
{
    char path[PATH_MAX];
    int dir_fd = service_lock_dir(dm->run_dir);

    if (!rundir_path(dm->run_dir, "lock", path))
        (void)file_remove(path); /* without a holder it is harmless */
    fd_close(&dm->lock_fd);
    fd_close(&dir_fd);
}
