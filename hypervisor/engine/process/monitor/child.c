/* SPDX-License-Identifier: ISC */
/* What the monitor does in the zygote, and from fork to the first guest
 * instruction. */

#include "monitor.h"
#include <vcpu/sys.h>

#define HWCAP2_FSGSBASE 2u

HOT struct pv_vcpu pv;
HOT struct iret_frame v_iret;

const char *program_init(const struct vcpu_auxv *a)
{
    pv.fsgsbase = a->hwcap2 & HWCAP2_FSGSBASE;
    return signals_init(a->min_signal_stack)
               ? "monitor: signal frames of this CPU do not fit\n"
               : NULL;
}

static int host_prot(const struct portal_range *r)
{
    int prot = 0;

    if (r->prot & PORTAL_PROT_R)
        prot |= MMAP_PROT_R;
    if ((r->prot & PORTAL_PROT_W) && r->backing == PORTAL_BACK_RAM)
        prot |= MMAP_PROT_W;
    if (r->prot & PORTAL_PROT_X)
        prot |= MMAP_PROT_X;
    return prot;
}

static void map_ranges(const struct portal_boot *b)
{
    for (uint32_t i = 0; i < b->nr_ranges; i++) {
        const struct portal_range *r = &b->range[i];
        uint64_t va = (uint64_t)r->mfn << 12;
        int fd =
            r->backing == PORTAL_BACK_RAM ? GUEST_FD_RAM : GUEST_FD_TEMPLATE;

        if (!r->prot || !r->nr)
            continue;
        /* A range below the guest's area would map over ourselves. */
        if (va < GUEST_VA_MIN ||
            sys_mmap_file(va, (uint64_t)r->nr << 12, host_prot(r), fd,
                          (uint64_t)r->file_page << 12) != (long)va)
            sys_exit(CHILD_EXIT_MAP);
    }
}

__noreturn void child_main(const struct zygote_request *req)
{
    _Static_assert(SHINFO_VA == 0xfd000, "entry.S");
    _Static_assert(sizeof(struct guest_regs) == 72, "entry.S");
    const struct portal_boot *b = &vcpu.boot;

    child_begin(req);
    map_ranges(b);
    if (filter_install(b->flags & PORTAL_FLAG_STRICT_WX, !pv.fsgsbase))
        sys_exit(CHILD_EXIT_FILTER);
    pv.cr3_mfn = b->cr3_mfn;
    PORTAL->cr3_mfn = b->cr3_mfn;
    child_wait_at_gate();
    __atomic_store_n(&PORTAL->vcpu_state, PORTAL_VCPU_RUNNING,
                     __ATOMIC_SEQ_CST);
    v_iret =
        (struct iret_frame){b->rip, HOST_CS, EFLAGS_IF | 2, b->rsp, HOST_SS};
    PORTAL->t_enter_tsc = rdtsc();
    enter_guest(b->rsi);
}
