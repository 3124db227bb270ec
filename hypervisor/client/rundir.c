/* SPDX-License-Identifier: ISC */
/* Where the daemon's socket is, and whether that place can be trusted. */
#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the login manager makes one per user, and this one is logged in. */
static bool have_user_dir(unsigned uid)
{
    char path[64];
    struct stat st;

    snprintf(path, sizeof(path), "/run/user/%u", uid);
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == uid;
}

/* The daemon has the same rule, for when it is started by hand. */
int midge_run_dir(char *path, size_t size, struct midge_error *err)
{
    unsigned uid = geteuid();
    const char *run = getenv("MIDGE_RUN");
    const char *xdg = getenv("XDG_RUNTIME_DIR");
    int n;

    if (run && run[0])
        n = snprintf(path, size, "%s", run);
    else if (xdg && xdg[0])
        n = snprintf(path, size, "%s/midge", xdg);
    else if (uid == 0)
        n = snprintf(path, size, "/run/midge");
    else if (have_user_dir(uid))
        n = snprintf(path, size, "/run/user/%u/midge", uid);
    else
        n = snprintf(path, size, "/tmp/midge-%u", uid);
    if (n < 0 || (size_t)n >= size)
        return fail(err, MIDGE_E_SYSTEM,
                    "the run directory's path is longer than %zu bytes; set "
                    "MIDGE_RUN to a shorter one",
                    size - 1);
    return 0;
}

/*
 * Whoever can write the directory could put a socket of his own there, and
 * would be handed our descriptors and command lines.
 */
int check_run_dir(const char *run_dir, struct midge_error *err)
{
    struct stat st;

    if (lstat(run_dir, &st) < 0) {
        if (errno == ENOENT)
            return fail(err, MIDGE_E_NO_DAEMON,
                        "no midge-hv runs: %s does not exist", run_dir);
        return fail(err, MIDGE_E_SYSTEM, "run directory %s: %s", run_dir,
                    strerror(errno));
    }
    if (!S_ISDIR(st.st_mode))
        return fail(err, MIDGE_E_UNTRUSTED,
                    "run directory %s is not a directory; remove it or set "
                    "MIDGE_RUN",
                    run_dir);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return fail(err, MIDGE_E_UNTRUSTED,
                    "run directory %s belongs to user %u, not to you (%u) or "
                    "root; set MIDGE_RUN to a directory of yours",
                    run_dir, (unsigned)st.st_uid, (unsigned)geteuid());
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return fail(err, MIDGE_E_UNTRUSTED,
                    "run directory %s can be written by other users (mode "
                    "%03o); run chmod go-w on it",
                    run_dir, (unsigned)st.st_mode & 0777);
    return 0;
}
