/* SPDX-License-Identifier: ISC */
/* The process engine's table, and whether it can work here. */
#include "process.h"

#include <errno.h>

#include <host/fd.h>
#include <host/memfd.h>
#include <host/probe.h>

static int probe_memfd(struct engine_error *why)
{
    int fd = memfd_create_sealable("midge-probe", PORTAL_PAGE_SIZE);
    int rc = fd < 0 ? fd : memfd_seal(fd, MEMFD_SEAL_SIZE | MEMFD_SEAL_WRITE);

    fd_close(&fd);
    if (rc)
        return fail_host(why, rc, "this kernel cannot seal memory files");
    fd = memfd_create_exec("midge-probe", PORTAL_PAGE_SIZE);
    if (fd < 0)
        return fail_host(why, fd,
                         "memory files cannot be executed here (sysctl "
                         "vm.memfd_noexec must be below 2)");
    fd_close(&fd);
    return 0;
}

static int probe(struct engine_error *why)
{
    int rc = probe_memfd(why);

    if (rc)
        return rc;
    rc = probe_seccomp();
    if (rc)
        return fail_host(why, rc, "this kernel has no seccomp filters");
    rc = probe_fixed_mapping(MONITOR_BASE, WINDOW_VA - MONITOR_BASE);
    if (rc)
        return fail(why, rc,
                    "addresses from 0x%lx cannot be mapped (sysctl "
                    "vm.mmap_min_addr must be at most %lu)",
                    MONITOR_BASE, MONITOR_BASE);
    return 0;
}

static int start(int error_fd, struct engine_error *why)
{
    return keeper_fork(process_kind.program, error_fd, why);
}

static void start_outside(void)
{
    keeper_fork_outside(process_kind.program);
}

static void stop(void)
{
    keeper_join(process_kind.program);
}

static int build(const struct engine_template_params *p,
                 struct engine_template **out, struct engine_error *err)
{
    return template_build(&process_kind, p, out, err);
}

const struct engine_ops process_engine = {
    .name = "process",
    .type = "pv",
    .probe = probe,
    .start = start,
    .start_outside = start_outside,
    .stop = stop,
    .template_build = build,
    .template_get = template_get,
    .template_put = template_put,
    .template_image = template_image,
    .vm_create = vm_create,
    .vm_spawn = vm_spawn,
    .vm_unpause = vm_unpause,
    .vm_pause = vm_pause,
    .vm_park = vm_park,
    .vm_kill = vm_kill,
    .vm_destroy = vm_destroy,
    .vm_kick = vm_kick,
    .vm_answer = vm_answer,
    .vm_unshare_frame = vm_unshare_frame,
    .vm_release_frames = vm_release_frames,
    .vm_map_frame = vm_map_frame,
    .vm_unmap_frame = vm_unmap_frame,
    .vm_has_page = vm_has_page,
    .vm_read = process_vm_read,
    .vm_memory = vm_memory,
    .memory_cr3 = memory_cr3,
    .memory_nr_frames = memory_nr_frames,
    .memory_read = memory_read,
    .memory_close = memory_close,
    .vm_regs = process_vm_regs,
    .vm_cpu_ns = vm_cpu_ns,
    .vm_pid = vm_pid,
};
