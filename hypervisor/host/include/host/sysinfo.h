/* SPDX-License-Identifier: ISC */
/* What this machine has and allows. Reads /proc; call rarely. */
#ifndef HOST_SYSINFO_H
#define HOST_SYSINFO_H

#include <stddef.h>
#include <stdint.h>

/* CPUs this process may run on, >= 1. */
unsigned sysinfo_cpus(void);
/* The (n)th of them as a CPU number, n < sysinfo_cpus(); -1 when unknown. */
int sysinfo_cpu(unsigned n);
/* Pins the calling thread to CPU number (cpu). 0 or -errno. */
int sysinfo_pin_thread(int cpu);

/* MemTotal and MemAvailable in KiB; 0 when unknown. */
void sysinfo_memory(uint64_t *total_kib, uint64_t *available_kib);

#define SYSINFO_NO_LIMIT UINT64_MAX
struct sysinfo_limits {
    uint64_t open_files;    /* hard RLIMIT_NOFILE                          */
    uint64_t processes;     /* hard RLIMIT_NPROC                           */
    uint64_t pid_max;       /* /proc/sys/kernel/pid_max                    */
    uint64_t threads_max;   /* /proc/sys/kernel/threads-max                */
    uint64_t max_map_count; /* /proc/sys/vm/max_map_count                  */
    uint64_t cgroup_pids;   /* pids.max of our cgroup (TasksMax)           */
    uint64_t mmap_min_addr; /* /proc/sys/vm/mmap_min_addr                  */
};
/* Unknown values are SYSINFO_NO_LIMIT (mmap_min_addr: 0). */
void sysinfo_limits(struct sysinfo_limits *l);

struct sysinfo_usage {
    uint64_t open_files;   /* ours                                         */
    uint64_t tasks;        /* threads on this machine                      */
    uint64_t cgroup_tasks; /* in our cgroup                                */
};
/* Unknown values are 0. */
void sysinfo_usage(struct sysinfo_usage *u);

/* Raises our soft limits (files, processes, pending signals) to the hard ones. Best effort. */
void sysinfo_raise_limits(void);

/* Fills (buf) with random bytes of the kernel. Never blocks once the machine has
 * booted; (len) <= 256. */
void sysinfo_random(void *buf, size_t len);

#endif /* HOST_SYSINFO_H */
