/* SPDX-License-Identifier: ISC */
/* What limits the number of guests here, and which limit comes first. */

#include <stdint.h>
#include <xen/xen.h>
#include <daemon/capacity.h>
#include <host/sysinfo.h>
#include "room.h"

/* What an idle guest takes of the host's memory, KiB: docs/performance.md. */
#define GUEST_KIB 128

/* Descriptors and mappings for what is no guest: connections, templates. */
#define FILES_RESERVED 32
#define MAPS_RESERVED  1024
#define TASKS_RESERVED 64

_Static_assert(SYSINFO_NO_LIMIT == CAPACITY_UNLIMITED, "the same");

enum { ROWS = 8 };

static void fill(struct daemon *dm, struct capacity_limit row[ROWS])
{
    uint64_t guests = hv_nr_domains(dm->hv), total, available;
    struct sysinfo_limits l;
    struct sysinfo_usage u;

    sysinfo_limits(&l);
    sysinfo_usage(&u);
    sysinfo_memory(&total, &available);
    row[0] = (struct capacity_limit){
        "open files",
        l.open_files,
        u.open_files,
        FILES_RESERVED,
        1,
        "ulimit -Hn, LimitNOFILE= in the service, or nofile in "
        "/etc/security/limits.conf"};
    /* What else the user runs is not known without looking at everything. */
    row[1] = (struct capacity_limit){
        "processes of this user",
        l.processes,
        guests,
        TASKS_RESERVED,
        1,
        "ulimit -Hu, LimitNPROC= in the service, or nproc in "
        "/etc/security/limits.conf"};
    row[2] = (struct capacity_limit){
        "pid_max",      l.pid_max, u.tasks,
        TASKS_RESERVED, 1,         "sysctl -w kernel.pid_max=4194304"};
    row[3] = (struct capacity_limit){"threads-max",
                                     l.threads_max,
                                     u.tasks,
                                     TASKS_RESERVED,
                                     1,
                                     "sysctl -w kernel.threads-max=200000"};
    row[4] = (struct capacity_limit){"processes of this cgroup",
                                     l.cgroup_pids,
                                     u.cgroup_tasks,
                                     TASKS_RESERVED,
                                     1,
                                     "TasksMax=infinity in the service"};
    row[5] = (struct capacity_limit){"max_map_count",
                                     l.max_map_count,
                                     guests,
                                     MAPS_RESERVED,
                                     1,
                                     "sysctl -w vm.max_map_count=1048576"};
    row[6] = (struct capacity_limit){"memory", total,     total - available,
                                     0,        GUEST_KIB, "more memory"};
    row[7] =
        (struct capacity_limit){"domain ids",
                                hv_last_id(dm->hv) - hv_first_id(dm->hv) + 1u,
                                guests,
                                0,
                                1,
                                "a second midge-hv, with another MIDGE_RUN"};
}

static json_t *number(uint64_t v)
{
    return v == CAPACITY_UNLIMITED ? json_null() : json_integer((json_int_t)v);
}

void room_describe(struct daemon *dm, json_t *answer)
{
    struct capacity_limit row[ROWS];
    const struct capacity_limit *first;
    struct sysinfo_limits l;
    json_t *list = json_array();

    fill(dm, row);
    for (unsigned i = 0; i < ROWS; i++)
        json_array_append_new(
            list,
            json_pack("{s:s, s:o, s:o, s:o, s:s, s:s}", "what", row[i].what,
                      "value", number(row[i].value), "used",
                      number(row[i].used), "guests",
                      number(capacity_guests(&row[i])), "needed_for",
                      i == 6 ? "KiB; 128 per idle guest" : "one per domain",
                      "raise", row[i].raise));
    sysinfo_limits(&l);
    json_array_append_new(list,
                          json_pack("{s:s, s:o, s:n, s:n, s:s, s:s}", "what",
                                    "mmap_min_addr", "value",
                                    number(l.mmap_min_addr), "used", "guests",
                                    "needed_for", "images linked at address 0",
                                    "raise", "sysctl -w vm.mmap_min_addr=0"));
    json_object_set_new(answer, "limits", list);
    first = capacity_first(row, ROWS); /* ids are always limited */
    json_object_set_new(answer, "more_guests",
                        json_pack("{s:o, s:s, s:s}", "guests",
                                  number(capacity_guests(first)), "limit",
                                  first->what, "raise", first->raise));
}
