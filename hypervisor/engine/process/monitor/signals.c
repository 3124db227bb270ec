/* SPDX-License-Identifier: ISC */
/*
 * Signals: how Linux tells the monitor what hardware would have told Xen.
 *
 *   SIGUSR1  a kick: an event is pending
 *   SIGALRM  the vCPU's timer
 *   SIGSYS   a raw `syscall' in guest text: it is the PV hypercall it says
 *   others   exceptions of the guest
 *
 * Handlers run on their own stack with kicks and timers blocked; faults stay
 * possible inside (copies to and from the guest have fixups), and one that is
 * not expected ends the vCPU.
 */

#include "machine_context.h"
#include "monitor.h"
#include <vcpu/sys.h>
#include <base/string.h>
#include <filter/filter.h>

#define SA_SIGINFO  0x4u
#define SA_RESTORER 0x04000000u
#define SA_ONSTACK  0x08000000u
#define SA_NODEFER  0x40000000u

#define VECTOR_DB 1
#define VECTOR_UD 6
#define VECTOR_GP 13
#define VECTOR_PF 14
#define VECTOR_AC 17

#define VSYSCALL_PAGE 0xffffffffff600000ull

#define PF_PRESENT 0x1u
#define PF_WRITE   0x2u
#define PF_USER    0x4u
#define PF_EXEC    0x10u

struct kernel_sigaction {
    void (*handler)(int, struct signal_info *, struct machine_context *);
    uint64_t flags;
    void (*restorer)(void);
    uint64_t mask;
};

/* Two frames deep (a fault inside a handler), each up to the kernel's size. */
#define SIGNAL_STACK_SIZE 32768
static char signal_stack[SIGNAL_STACK_SIZE] __attribute__((aligned(4096)));

static bool inside(uint64_t rip, const char *start, const char *end)
{
    return rip >= (uint64_t)(uintptr_t)start && rip < (uint64_t)(uintptr_t)end;
}

static struct interrupted interrupted(struct machine_context *u)
{
    return (struct interrupted){&u->rip, &u->rsp, &u->rflags, u->rcx, u->r11};
}

static void upcall_if_due(struct machine_context *u)
{
    const struct interrupted in = interrupted(u);

    if (!upcall_due())
        return;
    if (!pv.event_callback)
        crash(PORTAL_CRASH_NO_CALLBACK, 0, 0, 0, u->rip, u);
    if (!push_upcall(&in))
        crash(PORTAL_CRASH_DOUBLE, 0, 0, u->rsp, u->rsp, u);
}

/* --- exceptions --------------------------------------------------------------- */

static bool has_error_code(unsigned vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == VECTOR_AC;
}

static void inject(struct machine_context *u, unsigned vector, uint64_t error)
{
    const struct interrupted in = interrupted(u);
    uint64_t cr2 = vector == VECTOR_PF ? u->cr2 : 0;

    if (!trap_table[vector].address)
        crash(PORTAL_CRASH_TRAP, vector, error, cr2, 0, u);
    if (!push_exception(&in, vector, has_error_code(vector), error))
        crash(PORTAL_CRASH_DOUBLE, vector, error, cr2, u->rsp, u);
}

/*
 * With strict W^X a page that the guest maps writable and executable is either
 * at a time, and the faults in between change it over. An instruction that
 * writes to a page it lies on itself would have them for ever. It lies on the
 * page of its first byte, and on the one whose fetch made it fault before.
 */
static void refuse_self_write(const struct machine_context *u, uint64_t va,
                              unsigned access)
{
    static uint64_t fetched_page, fetched_rip;
    struct walk w;

    if (!(vcpu.boot.flags & PORTAL_FLAG_STRICT_WX))
        return;
    if (access == ACCESS_EXEC) {
        fetched_page = va >> 12;
        fetched_rip = u->rip;
    }
    if (access != ACCESS_WRITE ||
        (va >> 12 != u->rip >> 12 &&
         (va >> 12 != fetched_page || u->rip != fetched_rip)))
        return;
    mmu_walk(va, &w);
    if (w.present && w.rw && !w.nx)
        crash(PORTAL_CRASH_WX, VECTOR_PF, u->err, va, 0, u);
}

static void page_fault(struct machine_context *u)
{
    uint64_t va = u->cr2, error = u->err & ~(uint64_t)(PF_PRESENT | PF_USER);
    unsigned access = u->err & PF_EXEC    ? ACCESS_EXEC
                      : u->err & PF_WRITE ? ACCESS_WRITE
                                          : ACCESS_READ;
    struct walk w;

    refuse_self_write(u, va, access);
    if (mmu_refill(va, access) || emulate_m2p_read(u, va))
        return;
    /* P tells what the guest's own tables say; U is clear in kernel mode
     * (Linux's idea of both differs). */
    if (va < MONITOR_WINDOWS_VA) {
        mmu_walk(va, &w);
        if (w.present)
            error |= PF_PRESENT;
    }
    VCPU_INFO->arch.cr2 = va;
    inject(u, VECTOR_PF, error);
}

/* #GP with an IDT error code: `int n' (two bytes). */
static void general_protection(struct machine_context *u)
{
    if ((u->err & 7) == 2) {
        unsigned vector = (unsigned)(u->err >> 3) & 0xff;

        /* The gate's DPL, as Xen reads it: kernel mode is ring 1 there. */
        if (trap_table[vector].address && (trap_table[vector].flags & 3) >= 1) {
            u->rip += 2;
            inject(u, vector, 0);
            return;
        }
    } else if (emulate_privileged(u)) {
        return;
    }
    inject(u, VECTOR_GP, u->err);
}

/* The host could not back a page; trying again would not end. */
static __noreturn void no_memory(unsigned vector,
                                 const struct machine_context *u)
{
    crash(PORTAL_CRASH_HOST, vector, u->err, u->cr2, LINUX_ENOMEM, u);
}

static void guest_exception(int sig, struct machine_context *u)
{
    unsigned vector = (unsigned)u->trapno & 0xff;

    if (sig == SIG_BUS && vector == VECTOR_PF)
        no_memory(vector, u);
    switch (vector) {
    case VECTOR_UD:
        if (emulate_forced_cpuid(u))
            return;
        break;
    case VECTOR_GP:
        general_protection(u);
        return;
    case VECTOR_PF:
        page_fault(u);
        return;
    default:
        break;
    }
    inject(u, vector, u->err);
}

/* --- faults of the monitor itself ------------------------------------------------ */

static void monitor_fault(int sig, struct machine_context *u)
{
    unsigned vector = (unsigned)u->trapno & 0xff;

    if (sig == SIG_BUS && vector == VECTOR_PF)
        no_memory(vector, u);
    if (inside(u->rip, copy_start, copy_end)) {
        unsigned access = u->err & PF_WRITE ? ACCESS_WRITE : ACCESS_READ;

        if (vector != VECTOR_PF || !mmu_refill(u->cr2, access))
            u->rip = (uint64_t)(uintptr_t)copy_fixup;
        return;
    }
    /* The return from a hypercall reads the guest's stack. */
    if (vector == VECTOR_PF &&
        inside(u->rip, hypercall_exit_start, hypercall_exit_end)) {
        if (!mmu_refill(u->cr2, ACCESS_READ))
            crash(PORTAL_CRASH_DOUBLE, vector, u->err, u->cr2, u->rsp, u);
        return;
    }
    /* The guest's flags live on in here; they are not ours to keep. */
    if (vector == VECTOR_DB && (u->rflags & EFLAGS_TF)) {
        u->rflags &= ~(uint64_t)EFLAGS_TF;
        return;
    }
    if (vector == VECTOR_AC && (u->rflags & EFLAGS_AC)) {
        u->rflags &= ~(uint64_t)EFLAGS_AC;
        return;
    }
    if (u->rip == (uint64_t)(uintptr_t)iret_insn)
        crash(PORTAL_CRASH_BAD_IRET, vector, u->err, 0, v_iret.rip, u);
    crash(PORTAL_CRASH_MONITOR, vector, u->err, u->cr2, u->rip, u);
}

/* --- kicks, timers ------------------------------------------------------------------ */

/*
 * Interrupted on the way out: start over at the check. The saved registers are
 * still on the monitor stack; only rsp must point at them again.
 */
static void restart_exit(struct machine_context *u)
{
    for (unsigned i = 0; i < NR_EXIT_WINDOWS; i++) {
        const struct exit_window *w = &exit_windows[i];

        if (u->rip >= w->start && u->rip < w->end) {
            u->rip = w->start;
            u->rsp = (uint64_t)(uintptr_t)monitor_stack_top - w->stack_bytes;
            return;
        }
    }
}

static void kick(struct machine_context *u, bool in_monitor)
{
    if (in_monitor)
        restart_exit(u);
    else
        upcall_if_due(u);
}

static void alarm_signal(struct machine_context *u, bool in_monitor)
{
    if (vcpu.in_portal_call)
        vcpu.timer_due = true; /* portal_call() looks */
    else
        timer_expired();
    kick(u, in_monitor);
}

/* --- raw system calls ------------------------------------------------------------------ */

/* `syscall' is the native PV hypercall: rax, arguments as in the page. */
static void raw_syscall(struct machine_context *u, const struct signal_info *si)
{
    struct guest_regs r = {
        .rdi = u->rdi,
        .rsi = u->rsi,
        .rdx = u->rdx,
        .r10 = u->r10,
        .r8 = u->r8,
        .r9 = u->r9,
        .r11 = u->r11,
        .rcx = u->rcx,
        .rbp = u->rbp,
    };

    /* The vsyscall page: a call to an address the guest does not own. Linux has
     * done the `ret' of the code that it has there. */
    if (si->call_addr >= VSYSCALL_PAGE) {
        if (u->rip != si->call_addr)
            u->rsp -= sizeof(uint64_t);
        u->rip = si->call_addr;
        u->cr2 = u->rip;
        VCPU_INFO->arch.cr2 = u->rip;
        inject(u, VECTOR_PF, PF_EXEC);
        return;
    }
    v_guest_rsp = u->rsp;
    v_iret.rip = u->rip;
    if ((uint32_t)si->syscall_nr == __HYPERVISOR_iret) {
        uint64_t top[3]; /* rax, r11, rcx: the rest of struct iret_context */

        if (copy_from_guest(top, u->rsp, sizeof top))
            crash(PORTAL_CRASH_BAD_IRET, 0, 0, u->rsp, u->rsp, u);
        load_iret_frame(u->rsp + sizeof top);
        u->rax = top[0];
        u->r11 = top[1];
        u->rcx = top[2];
        u->rip = v_iret.rip;
        u->rsp = v_iret.rsp;
        u->rflags = v_iret.rflags;
    } else {
        u->rax = (uint64_t)do_hypercall(&r, (uint32_t)si->syscall_nr);
    }
    upcall_if_due(u);
}

static void handler(int sig, struct signal_info *si, struct machine_context *u)
{
    bool in_monitor = inside(u->rip, monitor_text_start, monitor_text_end);

    PORTAL->n_signals++;
    switch (sig) {
    case SIG_USR1:
        kick(u, in_monitor);
        break;
    case SIG_ALRM:
        alarm_signal(u, in_monitor);
        break;
    case SIG_SYS:
        if (si->err == FILTER_VIOLATION)
            violation(u, si);
        raw_syscall(u, si);
        break;
    default:
        if (in_monitor)
            monitor_fault(sig, u);
        else
            guest_exception(sig, u);
    }
}

long signals_init(uint64_t min_signal_stack)
{
    static const uint8_t sigs[] = {SIG_ILL,  SIG_TRAP, SIG_BUS,  SIG_FPE,
                                   SIG_USR1, SIG_SEGV, SIG_ALRM, SIG_SYS};
    struct {
        void *sp;
        int32_t flags;
        uint64_t size;
    } ss = {signal_stack, 0, sizeof signal_stack};
    struct kernel_sigaction sa = {
        .handler = handler,
        .flags = SA_SIGINFO | SA_RESTORER | SA_ONSTACK | SA_NODEFER,
        .restorer = signal_restorer,
        .mask = 1ull << (SIG_USR1 - 1) | 1ull << (SIG_ALRM - 1),
    };
    long rc;

    if (min_signal_stack > sizeof signal_stack / 2 - 2048)
        return -LINUX_ENOMEM;
    rc = sys3(NR_sigaltstack, (long)(uintptr_t)&ss, 0, 0);
    for (unsigned i = 0; !rc && i < sizeof sigs; i++)
        rc = sys6(NR_rt_sigaction, sigs[i], (long)(uintptr_t)&sa, 0, 8, 0, 0);
    return rc;
}
