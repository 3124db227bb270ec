/* SPDX-License-Identifier: ISC */
/* From fork to the first guest instruction. */

#include "monitor.h"
#include "sys.h"
#include <base/string.h>

#define PR_SET_PDEATHSIG 1

HOT struct vcpu vcpu;
HOT uint64_t v_guest_rsp;
HOT struct iret_frame v_iret;

/* Any failure before the guest runs: the doorbell's hang-up tells the daemon,
 * the status (portal/portal.h) tells which step it was. */

static void die_with_daemon(uint32_t daemon_pid)
{
    sys3(NR_prctl, PR_SET_PDEATHSIG, SIG_KILL, 0);
    /* It may have died before the line above took effect. */
    if (sys1(NR_getppid, 0) != (long)daemon_pid)
        sys_exit(CHILD_EXIT_PARENT);
}

static void check_boot(const struct portal_boot *b)
{
    if (b->nr_ranges > PORTAL_MAX_RANGES || b->nr_pages > b->max_pages ||
        b->cr3_mfn >= b->max_pages || b->template_pages > MAX_TEMPLATE_PAGES)
        sys_exit(CHILD_EXIT_BOOT);
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

static void wait_at_gate(void)
{
    while (__atomic_load_n(&PORTAL->gate, __ATOMIC_ACQUIRE) != PORTAL_GATE_OPEN)
        sys_futex_wait(&PORTAL->gate, PORTAL_GATE_SHUT, NULL);
}

__noreturn void child_main(const struct zygote_request *req)
{
    _Static_assert(SHINFO_VA == 0xfd000, "entry.S");
    _Static_assert(sizeof(struct guest_regs) == 72, "entry.S");
    const struct portal_boot *b = &vcpu.boot;

    die_with_daemon(req->parent);
    sys3(NR_close_range, 0, GUEST_FD_RAM - 1, 0);
    sys3(NR_close_range, GUEST_FD_TEMPLATE + 1, 0x7fffffff, 0);
    if (sys_mmap_file(WINDOW_VA, WINDOW_PAGES * PORTAL_PAGE_SIZE,
                      MMAP_PROT_R | MMAP_PROT_W, GUEST_FD_RAM,
                      0) != (long)WINDOW_VA)
        sys_exit(CHILD_EXIT_WINDOW);
    memcpy(&vcpu.boot, (const void *)(uintptr_t)&PORTAL->boot,
           sizeof vcpu.boot);
    check_boot(b);
    map_ranges(b);
    if (filter_install(b->flags & PORTAL_FLAG_STRICT_WX, !vcpu.fsgsbase))
        sys_exit(CHILD_EXIT_FILTER);
    vcpu.cr3_mfn = b->cr3_mfn;
    PORTAL->cr3_mfn = b->cr3_mfn;
    wait_at_gate();
    __atomic_store_n(&PORTAL->vcpu_state, PORTAL_VCPU_RUNNING,
                     __ATOMIC_SEQ_CST);
    v_iret =
        (struct iret_frame){b->rip, HOST_CS, EFLAGS_IF | 2, b->rsp, HOST_SS};
    PORTAL->t_enter_tsc = rdtsc();
    enter_guest(b->rsi);
}
