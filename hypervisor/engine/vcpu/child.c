/* SPDX-License-Identifier: ISC */
/* The first steps of a forked child, on the way from the zygote to a vCPU. */

#include <vcpu/vcpu.h>
#include <vcpu/sys.h>
#include <base/string.h>

#define PR_SET_PDEATHSIG 1

HOT struct vcpu vcpu;
HOT uint64_t v_guest_rsp;

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

void child_begin(const struct zygote_request *req)
{
    die_with_daemon(req->parent);
    sys3(NR_close_range, 0, GUEST_FD_RAM - 1, 0);
    sys3(NR_close_range, GUEST_FD_TEMPLATE + 1, 0x7fffffff, 0);
    if (sys_mmap_file(WINDOW_VA, WINDOW_PAGES * PORTAL_PAGE_SIZE,
                      MMAP_PROT_R | MMAP_PROT_W, GUEST_FD_RAM,
                      0) != (long)WINDOW_VA)
        sys_exit(CHILD_EXIT_WINDOW);
    memcpy(&vcpu.boot, (const void *)(uintptr_t)&PORTAL->boot,
           sizeof vcpu.boot);
    check_boot(&vcpu.boot);
}

void child_wait_at_gate(void)
{
    while (__atomic_load_n(&PORTAL->gate, __ATOMIC_ACQUIRE) != PORTAL_GATE_OPEN)
        sys_futex_wait(&PORTAL->gate, PORTAL_GATE_SHUT, NULL);
}
