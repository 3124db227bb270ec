/* SPDX-License-Identifier: ISC */
/* Traps, callbacks, segments: what needs no more than the vCPU's own state. */

#include "monitor.h"
#include <vcpu/sys.h>
#include <base/string.h>
#include <portal/hypercalls.h>
#include <xen/callback.h>

struct trap_gate trap_table[NR_VECTORS];
static uint64_t debugreg[8];

int copy_from_guest(void *dst, uint64_t va, size_t n)
{
    if (va < GUEST_VA_MIN || va >= MONITOR_WINDOWS_VA ||
        n > MONITOR_WINDOWS_VA - va)
        return -XEN_EFAULT;
    return copy_guest(dst, (const void *)va, n) ? -XEN_EFAULT : 0;
}

int copy_to_guest(uint64_t va, const void *src, size_t n)
{
    if (va < GUEST_VA_MIN || va >= MONITOR_WINDOWS_VA ||
        n > MONITOR_WINDOWS_VA - va)
        return -XEN_EFAULT;
    return copy_guest((void *)va, src, n) ? -XEN_EFAULT : 0;
}

/* set_trap_table(traps): ends with an entry whose address is 0; NULL clears. */
int64_t op_set_trap_table(struct guest_regs *r)
{
    struct trap_info t;
    uint64_t va = r->rdi;

    if (!va) {
        memset(trap_table, 0, sizeof trap_table);
        return 0;
    }
    /* Bounded: a table without an end is read no further than one entry per
     * vector. */
    for (unsigned i = 0; i <= NR_VECTORS; i++, va += sizeof t) {
        if (copy_from_guest(&t, va, sizeof t))
            return -XEN_EFAULT;
        if (!t.address)
            return 0;
        if (!canonical(t.address))
            return -XEN_EINVAL;
        trap_table[t.vector] =
            (struct trap_gate){.address = t.address, .flags = t.flags};
    }
    return 0;
}

/* set_gdt(frames, entries): the CPU runs with Linux's descriptors; only what
 * Xen checks is checked. */
int64_t op_set_gdt(struct guest_regs *r)
{
    uint64_t frames[FIRST_RESERVED_GDT_PAGE];
    uint32_t entries = (uint32_t)r->rsi, n = (entries + 511) / 512;

    if (entries > FIRST_RESERVED_GDT_ENTRY)
        return -XEN_EINVAL;
    if (n && copy_from_guest(frames, r->rdi, n * sizeof frames[0]))
        return -XEN_EFAULT;
    for (uint32_t i = 0; i < n; i++)
        if (frames[i] >= vcpu.boot.max_pages)
            return -XEN_EINVAL;
    return 0;
}

int64_t op_update_descriptor(struct guest_regs *r)
{
    (void)r;
    return -XEN_EINVAL; /* no guest descriptor is ever loaded */
}

int64_t op_stack_switch(struct guest_regs *r)
{
    if (!canonical(r->rsi))
        return -XEN_EINVAL;
    pv.kernel_sp = r->rsi;
    return 0;
}

int64_t op_set_callbacks(struct guest_regs *r)
{
    if (!canonical(r->rdi) || !canonical(r->rsi) || !canonical(r->rdx))
        return -XEN_EINVAL;
    pv.event_callback = r->rdi;
    pv.failsafe_callback = r->rsi;
    pv.syscall_callback = r->rdx;
    return 0;
}

int64_t op_callback(struct guest_regs *r)
{
    uint32_t cmd = (uint32_t)r->rdi;
    struct callback_register cb;

    if (cmd != CALLBACKOP_register)
        return cmd == CALLBACKOP_unregister ? -XEN_EINVAL : -XEN_ENOSYS;
    if (copy_from_guest(&cb, r->rsi, sizeof cb))
        return -XEN_EFAULT;
    if (!canonical(cb.address))
        return -XEN_EINVAL;
    switch (cb.type) {
    case CALLBACKTYPE_event:
        pv.event_callback = cb.address;
        return 0;
    case CALLBACKTYPE_failsafe:
        pv.failsafe_callback = cb.address;
        return 0;
    case CALLBACKTYPE_syscall:
        pv.syscall_callback = cb.address;
        return 0;
    case CALLBACKTYPE_nmi:
        return 0; /* never sent */
    default:
        return -XEN_ENOSYS;
    }
}

int64_t op_fpu_taskswitch(struct guest_regs *r)
{
    /* CR0.TS cannot be set in a process: the FPU is always the guest's, so
     * lazy switching degenerates to "already there". */
    (void)r;
    return 0;
}

int64_t op_set_debugreg(struct guest_regs *r)
{
    uint32_t reg = (uint32_t)r->rdi;

    if (reg > 7)
        return -XEN_EINVAL;
    if (reg == 7 && (r->rsi & 0xff))
        return -XEN_EPERM; /* breakpoints cannot be armed here */
    debugreg[reg] = r->rsi;
    return 0;
}

int64_t op_get_debugreg(struct guest_regs *r)
{
    uint32_t reg = (uint32_t)r->rdi;

    return reg > 7 ? -XEN_EINVAL : (int64_t)debugreg[reg];
}

int64_t op_vm_assist(struct guest_regs *r)
{
    if ((uint32_t)r->rsi > VMASST_TYPE_architectural_iopl)
        return -XEN_EINVAL;
    /* Nothing a 64-bit guest could assist with exists here. */
    return (uint32_t)r->rdi <= VMASST_CMD_disable ? 0 : -XEN_ENOSYS;
}

int64_t op_set_segment_base(struct guest_regs *r)
{
    uint32_t which = (uint32_t)r->rdi;

    if (which != SEGBASE_GS_USER_SEL && !canonical(r->rsi))
        return -XEN_EINVAL;
    switch (which) {
    case SEGBASE_FS:
        set_fs_base(r->rsi);
        return 0;
    case SEGBASE_GS_USER:
        pv.gs_user = r->rsi;
        return 0;
    case SEGBASE_GS_KERNEL:
        set_gs_base(r->rsi);
        return 0;
    case SEGBASE_GS_USER_SEL:
        return 0;
    default:
        return -XEN_EINVAL;
    }
}
