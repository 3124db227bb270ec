/* SPDX-License-Identifier: ISC */
/* What this machine has and allows. */
#include <host/sysinfo.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include <host/fd.h>
#include <host/file.h>

unsigned sysinfo_cpus(void)
{
    cpu_set_t set;
    int n;

    if (sched_getaffinity(0, sizeof(set), &set))
        return 1;
    n = CPU_COUNT(&set);
    return n > 0 ? (unsigned)n : 1;
}

int sysinfo_cpu(unsigned n)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set))
        return -1;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &set) && n-- == 0)
            return cpu;
    }
    return -1;
}

int sysinfo_pin_thread(int cpu)
{
    cpu_set_t set;

    if (cpu < 0 || cpu >= CPU_SETSIZE)
        return -EINVAL;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return -pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

/* The number after (key) at the start of a line of (text), 0 when absent. */
static uint64_t field(const char *text, const char *key)
{
    size_t len = strlen(key);

    while (text && *text) {
        if (!strncmp(text, key, len))
            return strtoull(text + len, NULL, 10);
        text = strchr(text, '\n');
        if (text)
            text++;
    }
    return 0;
}

void sysinfo_memory(uint64_t *total_kib, uint64_t *available_kib)
{
    char text[4096];

    *total_kib = *available_kib = 0;
    if (file_read_text("/proc/meminfo", text, sizeof(text)) < 0)
        return;
    *total_kib = field(text, "MemTotal:");
    *available_kib = field(text, "MemAvailable:");
}

/* A file that holds one number; (otherwise) if it does not ("max"). */
static uint64_t number_in(const char *path, uint64_t otherwise)
{
    char text[64];
    char *end;
    uint64_t v;

    if (file_read_text(path, text, sizeof(text)) <= 0)
        return otherwise;
    v = strtoull(text, &end, 10);
    return end == text ? otherwise : v;
}

static uint64_t hard_limit(int what)
{
    struct rlimit rl;

    if (getrlimit((__rlimit_resource_t)what, &rl) ||
        rl.rlim_max == RLIM_INFINITY)
        return SYSINFO_NO_LIMIT;
    return rl.rlim_max;
}

/*
 * A number of our cgroup's (pids.max): /proc/self/cgroup has lines "0::/path"
 * (v2) and "N:pids:/path" (v1). Only our own group is looked at; a parent may be
 * tighter.
 */
static uint64_t cgroup_number(const char *name, uint64_t otherwise)
{
    char text[4096], path[4352];
    char *line, *save = NULL;

    if (file_read_text("/proc/self/cgroup", text, sizeof(text)) < 0)
        return otherwise;
    for (line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        char *v1 = strstr(line, ":pids:");
        uint64_t v;

        if (v1)
            snprintf(path, sizeof(path), "/sys/fs/cgroup/pids%s/%s",
                     v1 + strlen(":pids:"), name);
        else if (!strncmp(line, "0::", 3))
            snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", line + 3, name);
        else
            continue;
        v = number_in(path, otherwise);
        if (v != otherwise)
            return v;
    }
    return otherwise;
}

void sysinfo_usage(struct sysinfo_usage *u)
{
    struct file_info info;
    char text[128];
    const char *slash;
    int fd = file_open_read("/proc/self/fd");

    memset(u, 0, sizeof(*u));
    /* Since Linux 6.2 the directory's size is the number of descriptors. */
    if (fd >= 0 && file_stat_fd(fd, &info) == 0)
        u->open_files = info.size;
    fd_close(&fd);
    /* "0.20 0.18 0.12 1/80 11206": running and all tasks. */
    if (file_read_text("/proc/loadavg", text, sizeof(text)) > 0) {
        slash = strchr(text, '/');
        u->tasks = slash ? strtoull(slash + 1, NULL, 10) : 0;
    }
    u->cgroup_tasks = cgroup_number("pids.current", 0);
}

void sysinfo_limits(struct sysinfo_limits *l)
{
    l->open_files = hard_limit(RLIMIT_NOFILE);
    l->processes = hard_limit(RLIMIT_NPROC);
    l->pid_max = number_in("/proc/sys/kernel/pid_max", SYSINFO_NO_LIMIT);
    l->threads_max =
        number_in("/proc/sys/kernel/threads-max", SYSINFO_NO_LIMIT);
    l->max_map_count =
        number_in("/proc/sys/vm/max_map_count", SYSINFO_NO_LIMIT);
    l->cgroup_pids = cgroup_number("pids.max", SYSINFO_NO_LIMIT);
    l->mmap_min_addr = number_in("/proc/sys/vm/mmap_min_addr", 0);
}

static void raise_limit(int what)
{
    struct rlimit rl;

    if (getrlimit((__rlimit_resource_t)what, &rl))
        return;
    rl.rlim_cur = rl.rlim_max;
    /* Cannot fail for a soft limit within the hard one; advice otherwise. */
    (void)setrlimit((__rlimit_resource_t)what, &rl);
}

void sysinfo_raise_limits(void)
{
    raise_limit(RLIMIT_NOFILE);
    raise_limit(RLIMIT_NPROC);
    raise_limit(RLIMIT_SIGPENDING);
}

void sysinfo_random(void *buf, size_t len)
{
    /* Up to 256 bytes come whole and without a signal's interruption. */
    while (getrandom(buf, len, 0) != (ssize_t)len)
        ;
}
