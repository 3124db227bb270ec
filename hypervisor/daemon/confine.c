/* SPDX-License-Identifier: ISC */
/*
 * The daemon gives up what it does not need: at its start everything but some
 * files, at the end of its start everything but some system calls. What starts
 * processes is made in between: domains' processes must share our landlock
 * domain, for core dumps look into them, but not our filter, which they would
 * pay for with every call they make.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <host/fd.h>
#include <host/file.h>
#include <host/helper.h>
#include <host/sandbox.h>
#include "confine.h"
#include "rundir.h"

/* A job for a thread that has been there before. */
struct outside {
    struct helper_job job;
    const struct engine_ops *engine;
};

static void run_outside(struct helper_job *j)
{
    CONTAINER_OF(j, struct outside, job)->engine->start_outside();
}

static int say_not_confined(int rc, const char *at)
{
    fprintf(stderr,
            "midge-hv: the sandbox cannot be set up%s%s: %s; --no-sandbox does "
            "without\n",
            at ? ": " : "", at ? at : "", strerror(-rc));
    return CONFINE_SAID;
}

/* 0 also without landlock: an older kernel's users are not worse off. */
static int confine_to_files(struct daemon *dm)
{
    const struct sandbox_path paths[] = {
        {dm->run_dir, SANDBOX_READ | SANDBOX_WRITE | SANDBOX_MAKE, false},
        {"/dev/ptmx", SANDBOX_READ | SANDBOX_WRITE | SANDBOX_IOCTL, true},
        {"/dev/pts", SANDBOX_READ | SANDBOX_WRITE | SANDBOX_IOCTL, true},
        {"/dev/null", SANDBOX_READ | SANDBOX_WRITE, false},
        {"/proc", SANDBOX_READ, false},
        {"/sys/fs/cgroup", SANDBOX_READ, true},
    };
    const char *at = NULL;
    int rc = sandbox_files(paths, ARRAY_SIZE(paths), &at);

    if (rc == -EOPNOTSUPP) {
        log_line(dm, "this kernel has no landlock: files are not confined");
        return 0;
    }
    if (rc < 0)
        return say_not_confined(rc, at);
    dm->landlock = rc;
    return 0;
}

/* Their standard error is the log: ours may be somebody's who waits for its
 * end. */
static int start_engine(struct daemon *dm)
{
    struct engine_error why = {""};
    char path[PATH_MAX];
    int fd, rc = rundir_path(dm->run_dir, "midge-hv.log", path);

    if (rc)
        return rc;
    fd = file_open_append(path);
    if (fd < 0)
        return fd;
    rc = dm->engine->start(fd, &why);
    fd_close(&fd);
    if (!rc)
        return 0;
    fprintf(stderr, "midge-hv: %s\n", why.text);
    return CONFINE_SAID;
}

int confine_files(struct daemon *dm)
{
    struct outside o = {.job.work = run_outside, .engine = dm->engine};
    struct helper *h;
    int rc = sandbox_begin();

    if (rc || dm->options->no_sandbox)
        return rc;
    h = helper_create("midge-outside", 1);
    if (!h)
        return -errno;
    rc = confine_to_files(dm);
    if (!rc)
        rc = start_engine(dm);
    if (!rc)
        helper_run(h, &o.job);
    helper_destroy(h); /* waits for the job */
    return rc;
}

void confine_undo(struct daemon *dm)
{
    dm->engine->stop();
}

int confine_calls(struct daemon *dm)
{
    int rc;

    if (dm->options->no_sandbox)
        return 0;
    rc = sandbox_syscalls();
    dm->confined = rc == 0;
    return rc ? say_not_confined(rc, NULL) : 0;
}

void confine_text(const struct daemon *dm, char *text, size_t size)
{
    int last, n;
    unsigned refused = sandbox_refused(&last);

    if (!dm->confined) {
        (void)snprintf(text, size, "off (--no-sandbox)");
        return;
    }
    if (dm->landlock)
        n = snprintf(text, size, "system calls, files (landlock %d)",
                     dm->landlock);
    else
        n = snprintf(text, size,
                     "system calls; not files: this kernel has no landlock");
    if (refused && n > 0 && (size_t)n < size)
        (void)snprintf(text + n, size - (size_t)n,
                       "; %u calls refused, the last number %d", refused, last);
}
