/* SPDX-License-Identifier: ISC */
/*
 * Frames on the guest's stack: exceptions, upcalls, and the way back (iret).
 * Layout: xen/arch-x86/xen-x86_64.h and xen.h; from low to high addresses
 *   rcx, r11, [error code], rip, cs | saved_upcall_mask << 32, rflags, rsp, ss
 * on a stack aligned to 16 bytes before the push.
 */

#include "monitor.h"
#include <vcpu/sys.h>

/*
 * The guest's NT is still set in the CPU: neither signals nor hypercalls clear
 * it, and Linux does not take it from the signal frame either. A handler must
 * not see it, and iretq cannot be executed with it.
 */
static void clear_nt(void)
{
    __asm__ volatile("pushfq\n\t"
                     "andq %0, (%%rsp)\n\t"
                     "popfq" ::"i"(~(int)EFLAGS_NT)
                     : "memory", "cc");
}

static bool push_frame(const struct interrupted *in, uint64_t handler,
                       bool mask_events, bool has_error, uint64_t error)
{
    uint64_t frame[8];
    unsigned n = 0;
    uint8_t mask = VCPU_INFO->evtchn_upcall_mask;
    uint64_t sp = *in->rsp & ~15ull;

    frame[n++] = in->rcx;
    frame[n++] = in->r11;
    if (has_error)
        frame[n++] = error;
    frame[n++] = *in->rip;
    frame[n++] = GUEST_KERNEL_CS | (uint64_t)mask << 32;
    /* Xen shows the virtual interrupt flag: IF = !mask. */
    frame[n++] = (*in->rflags & ~(uint64_t)(EFLAGS_IF | EFLAGS_IOPL)) |
                 (mask ? 0 : EFLAGS_IF);
    frame[n++] = *in->rsp;
    frame[n++] = GUEST_KERNEL_SS;
    sp -= n * sizeof frame[0];
    if (copy_to_guest(sp, frame, n * sizeof frame[0]))
        return false;
    if (mask_events)
        VCPU_INFO->evtchn_upcall_mask = 1;
    *in->rip = handler;
    *in->rsp = sp;
    if (*in->rflags & EFLAGS_NT)
        clear_nt();
    *in->rflags &= ~(uint64_t)EFLAGS_CLEAR;
    return true;
}

bool push_exception(const struct interrupted *in, unsigned vector,
                    bool has_error, uint64_t error)
{
    const struct trap_gate *g = &trap_table[vector];

    return push_frame(in, g->address, g->flags & 4 /* TI_GET_IF */, has_error,
                      error);
}

bool upcall_due(void)
{
    return *(volatile uint8_t *)&VCPU_INFO->evtchn_upcall_pending &&
           !*(volatile uint8_t *)&VCPU_INFO->evtchn_upcall_mask;
}

bool push_upcall(const struct interrupted *in)
{
    PORTAL->n_upcalls++;
    return push_frame(in, pv.event_callback, true, false, 0);
}

/* --- leaving through v_iret (entry.S) ----------------------------------------- */

/* A hypercall ends with an upcall due: resume after the call, then deliver. */
void iret_from_call(uint64_t guest_rsp)
{
    uint64_t rip;

    if (copy_from_guest(&rip, guest_rsp, sizeof rip))
        crash(PORTAL_CRASH_BAD_IRET, 0, 0, guest_rsp, guest_rsp, NULL);
    v_iret.rip = rip;
    v_iret.cs = HOST_CS;
    v_iret.rflags = EFLAGS_IF | 2;
    v_iret.rsp = guest_rsp + sizeof rip;
    v_iret.ss = HOST_SS;
}

void deliver_upcall_on_exit(struct guest_regs *block)
{
    const struct interrupted in = {&v_iret.rip, &v_iret.rsp, &v_iret.rflags,
                                   block->rcx, block->r11};

    if (!pv.event_callback)
        crash(PORTAL_CRASH_NO_CALLBACK, 0, 0, 0, v_iret.rip, NULL);
    if (!push_upcall(&in))
        crash(PORTAL_CRASH_DOUBLE, 0, 0, v_iret.rsp, v_iret.rsp, NULL);
}

/*
 * HYPERVISOR_iret. The frame at (va) is what the guest pushed (struct
 * iret_context from its flags on); rax, r11 and rcx are the guest's live
 * registers, because it jumps through the hypercall page, whose stub on Xen
 * would push them. Copied once, checked, used.
 */
void load_iret_frame(uint64_t va)
{
    struct {
        uint64_t flags, rip, cs, rflags, rsp, ss;
    } f;

    PORTAL->n_hypercalls++;
    if (copy_from_guest(&f, va, sizeof f) || !canonical(f.rip) ||
        !canonical(f.rsp))
        crash(PORTAL_CRASH_BAD_IRET, 0, 0, va, va, NULL);
    /* RPL 3 asks for user mode, which this engine does not have. */
    if ((f.cs & 3) == 3)
        crash(PORTAL_CRASH_BAD_IRET, 0, 0, va, f.cs, NULL);
    v_iret.rip = f.rip;
    v_iret.cs = HOST_CS;
    v_iret.rflags = (f.rflags & ~(uint64_t)(EFLAGS_IOPL | EFLAGS_NT |
                                            EFLAGS_VM | EFLAGS_RF)) |
                    EFLAGS_IF | 2;
    v_iret.rsp = f.rsp;
    v_iret.ss = HOST_SS;
    VCPU_INFO->evtchn_upcall_mask = !(f.rflags & EFLAGS_IF);
}

void do_iret(void)
{
    load_iret_frame(v_guest_rsp);
}

/* --- segment bases ------------------------------------------------------------- */

void set_fs_base(uint64_t base)
{
    if (pv.fsgsbase)
        __asm__ volatile("wrfsbase %0" ::"r"(base));
    else
        sys3(NR_arch_prctl, ARCH_PRCTL_SET_FS, (long)base, 0);
}

void set_gs_base(uint64_t base)
{
    if (pv.fsgsbase)
        __asm__ volatile("wrgsbase %0" ::"r"(base));
    else
        sys3(NR_arch_prctl, ARCH_PRCTL_SET_GS, (long)base, 0);
}

uint64_t get_fs_base(void)
{
    uint64_t v = 0;

    if (pv.fsgsbase)
        __asm__ volatile("rdfsbase %0" : "=r"(v));
    else
        sys3(NR_arch_prctl, ARCH_PRCTL_GET_FS, (long)(uintptr_t)&v, 0);
    return v;
}

uint64_t get_gs_base(void)
{
    uint64_t v = 0;

    if (pv.fsgsbase)
        __asm__ volatile("rdgsbase %0" : "=r"(v));
    else
        sys3(NR_arch_prctl, ARCH_PRCTL_GET_GS, (long)(uintptr_t)&v, 0);
    return v;
}
