/* SPDX-License-Identifier: ISC */
/* The filter, installed; and what follows when it was run into. */

#include "machine_context.h"
#include "monitor.h"
#include <filter/filter.h>
#include <vcpu/sys.h>

#define SECCOMP_SET_MODE_FILTER 1

/* linux/filter.h: struct sock_fprog. */
struct bpf_prog {
    uint16_t len;
    const struct bpf_insn *insn;
};

long filter_install(bool strict_wx, bool arch_prctl)
{
    const struct filter_params params = {
        .text_start = (uint32_t)(uintptr_t)monitor_text_start,
        .text_end = (uint32_t)(uintptr_t)monitor_text_end,
        .strict_wx = strict_wx,
        .arch_prctl = arch_prctl,
    };
    struct filter f;
    struct bpf_prog prog;

    if (!filter_build(&params, &f))
        return -LINUX_EINVAL;
    prog = (struct bpf_prog){f.len, f.insn};
    return sys3(NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)(uintptr_t)&prog);
}

__noreturn void violation(const struct machine_context *u,
                          const struct signal_info *si)
{
    PORTAL->violation.ip = u->rip;
    PORTAL->violation.nr = (uint32_t)si->syscall_nr;
    __atomic_store_n(&PORTAL->violation.made, 1, __ATOMIC_RELEASE);
    for (;;)
        sys1(FILTER_NR_DIE, 0);
}
