/* SPDX-License-Identifier: ISC */
/* One line for the user about what went wrong. */
#include <common/common.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <base/compiler.h>
#include <host/sysinfo.h>

int fail(struct engine_error *err, int rc, const char *format, ...)
{
    va_list ap;

    if (err) {
        va_start(ap, format);
        vsnprintf(err->text, sizeof(err->text), format, ap);
        va_end(ap);
    }
    return rc;
}

struct hint {
    const char *what, *raise;
    uint64_t value;
};

/* Which of the limits on processes is the lowest: fork() does not tell. */
static struct hint lowest_of_processes(const struct sysinfo_limits *l)
{
    const struct hint all[] = {
        {"processes of this user", "ulimit -Hu, LimitNPROC= in the service",
         l->processes},
        {"processes of this cgroup", "TasksMax=infinity in the service",
         l->cgroup_pids},
        {"kernel.pid_max", "sysctl -w kernel.pid_max=4194304", l->pid_max},
        {"kernel.threads-max", "sysctl -w kernel.threads-max=200000",
         l->threads_max},
    };
    struct hint low = all[0];

    for (size_t i = 1; i < ARRAY_SIZE(all); i++)
        if (all[i].value < low.value)
            low = all[i];
    return low;
}

int fail_host(struct engine_error *err, int rc, const char *what)
{
    const char *why = strerrordesc_np(-rc);
    struct sysinfo_limits l;
    struct hint h = {0};

    sysinfo_limits(&l);
    if (rc == -EMFILE)
        h = (struct hint){"open files",
                          "ulimit -Hn, LimitNOFILE= in the service",
                          l.open_files};
    else if (rc == -EAGAIN)
        h = lowest_of_processes(&l);
    else if (rc == -ENOMEM)
        h = (struct hint){"memory, or vm.max_map_count",
                          "sysctl -w vm.max_map_count=1048576",
                          l.max_map_count};
    if (!why)
        why = "unknown error";
    if (!h.what)
        return fail(err, rc, "%s: %s%s", what, why,
                    rc == -ENOBUFS  ? "; free memory"
                    : rc == -ENOSPC ? "; there is no memory for files in "
                                      "memory (shmem)"
                                    : "");
    return fail(err, rc, "%s: %s; the limit is %s (%llu), raised by: %s", what,
                why, h.what, (unsigned long long)h.value, h.raise);
}
