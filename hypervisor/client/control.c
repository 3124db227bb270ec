/* SPDX-License-Identifier: ISC */
/* Requests to guests. */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A request about (domain) with one more string. */
static int call_text(struct midge *m, const char *op, const char *domain,
                     const char *key, const char *text, struct midge_error *err)
{
    json_t *args = domain_args(domain, err);

    if (!args)
        return -1;
    if (add_text(args, key, text, err) < 0) {
        json_decref(args);
        return -1;
    }
    return call(m, op, args, NULL, 0, NULL, err);
}

int midge_rename(struct midge *m, const char *domain, const char *name,
                 struct midge_error *err)
{
    return call_text(m, "rename", domain, "name", name, err);
}

int midge_shutdown(struct midge *m, const char *domain, const char *request,
                   struct midge_error *err)
{
    return call_text(m, "shutdown", domain, "request", request, err);
}

int midge_sysrq(struct midge *m, const char *domain, char key,
                struct midge_error *err)
{
    const char text[] = {key, '\0'};

    return call_text(m, "sysrq", domain, "key", text, err);
}

int midge_trigger(struct midge *m, const char *domain, const char *trigger,
                  unsigned vcpu, struct midge_error *err)
{
    json_t *args = domain_args(domain, err);

    if (!args)
        return -1;
    if (add_text(args, "trigger", trigger, err) < 0 ||
        json_object_set_new(args, "vcpu", json_integer(vcpu)) < 0) {
        json_decref(args);
        return -1;
    }
    return call(m, "trigger", args, NULL, 0, NULL, err);
}

/* Memory may hold secrets: for nobody else's eyes. What was there stays until
 * the daemon begins to write. A FIFO must not keep us; the daemon refuses it. */
static int open_core(const char *file, bool *made, struct midge_error *err)
{
    const int flags = O_WRONLY | O_CLOEXEC | O_NONBLOCK;
    int fd = open(file, flags | O_CREAT | O_EXCL, 0600);

    *made = fd >= 0;
    if (fd < 0 && errno == EEXIST)
        fd = open(file, flags);
    if (fd < 0)
        return fail(err, MIDGE_E_SYSTEM, "%s: %s", file, strerror(errno));
    return fd;
}

static int dump_to(struct midge *m, const char *domain, int fd,
                   struct midge_core *out, struct midge_error *err)
{
    json_t *args = domain_args(domain, err), *answer;

    if (!args || call(m, "dump-core", args, &fd, 1, &answer, err) < 0)
        return -1;
    out->bytes = get_u64(answer, "bytes");
    out->complete = json_is_true(json_object_get(answer, "complete"));
    json_decref(answer);
    return 0;
}

int midge_dump_core(struct midge *m, const char *domain, const char *file,
                    struct midge_core *out, struct midge_error *err)
{
    bool made;
    int fd = open_core(file, &made, err), rc;

    if (fd < 0)
        return -1;
    rc = dump_to(m, domain, fd, out, err);
    if (rc < 0 && made)
        (void)unlink(file); /* then an empty file is left */
    (void)close(fd);
    return rc;
}
