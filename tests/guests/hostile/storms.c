/* SPDX-License-Identifier: ISC */
/* Guests that never rest, each in its way. None of them comes back. */
#include "hostile.h"

#include <base/string.h>
#include <minios/memory.h>
#include <portal/portal.h>
#include <xen/memory.h>

#define PORTAL ((volatile struct portal *)PORTAL_VA)

static void ring(void)
{
    static char byte;

    monitor_call(NR_write, GUEST_FD_DOORBELL, (long)&byte, 1, 0, 0, 0);
}

static int spin(void)
{
    while (for_ever())
        ;
    return survived("spin");
}

static int bells(void)
{
    while (for_ever())
        ring();
    return survived("bells");
}

/* Requests that the daemon has to look at, without waiting for answers. */
static int requests(void)
{
    while (for_ever()) {
        PORTAL->nr = __HYPERVISOR_memory_op;
        PORTAL->args[0] = XENMEM_maximum_ram_page;
        PORTAL->len = 0;
        PORTAL->req_seq++;
        ring();
    }
    return survived("requests");
}

static int sends(void)
{
    while (for_ever()) {
        PORTAL->events.sends = UINT64_MAX;
        ring();
    }
    return survived("sends");
}

static int yields(void)
{
    while (for_ever())
        monitor_call(NR_sched_yield, 0, 0, 0, 0, 0, 0);
    return survived("yields");
}

/* SIGSEGV: clts is emulated. */
static int faults(void)
{
    while (for_ever())
        __asm__ volatile("clts");
    return survived("faults");
}

/* SIGSYS. */
static int syscalls(void)
{
    while (for_ever())
        raw_syscall(__HYPERVISOR_xen_version);
    return survived("syscalls");
}

/* SIGALRM. */
static int alarms(void)
{
    static const int64_t often[4] = {0, 1, 0, 1};

    monitor_call(NR_setitimer, 0, (long)often, 0, 0, 0, 0);
    return spin();
}

/* Mappings come and go. */
static int mappings(void)
{
    const long va = 0x4000000000;

    while (for_ever()) {
        monitor_call(NR_mmap, va, 4096, PROT_RW, SHARED_FIXED, GUEST_FD_RAM, 0);
        (void)*(volatile uint8_t *)va;
        monitor_call(NR_munmap, va, 4096, 0, 0, 0, 0);
    }
    return survived("mappings");
}

/* Linux's frame for signals on x86-64 (asm/sigcontext.h, ucontext.h). */
struct frame {
    uint64_t flags, link, stack_sp, stack_flags, stack_size;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax,
        rcx, rsp, rip, rflags;
    uint16_t cs, gs, fs, ss;
    uint64_t err, trapno, oldmask, cr2, fpstate, reserved[8];
    uint64_t mask;
};

/* Goes on in (where), where no signal reaches it any more but those that nobody
 * can block. */
static __noreturn void go_deaf(int (*where)(void))
{
    static struct frame f;
    static uint8_t stack[4096] __attribute__((aligned(16)));

    f.rip = va_of((const void *)(uintptr_t)where);
    f.rsp = va_of(stack + sizeof stack - 8);
    f.rflags = 0x202;
    f.cs = 0x33;
    f.ss = 0x2b;
    f.mask = UINT64_MAX;
    f.stack_flags = 2; /* none */
    monitor_sigreturn(&f);
}

static int deaf(void)
{
    go_deaf(spin);
}

/* The monitor does not hear of it either. */
static int open_something(void)
{
    monitor_call(2, (long)"/etc/passwd", 0, 0, 0, 0, 0);
    return survived("deaf-open");
}

static int deaf_open(void)
{
    go_deaf(open_something);
}

const struct attack storm_attacks[] = {
    {"spin", spin},         {"bells", bells},         {"requests", requests},
    {"sends", sends},       {"yields", yields},       {"faults", faults},
    {"syscalls", syscalls}, {"alarms", alarms},       {"mappings", mappings},
    {"deaf", deaf},         {"deaf-open", deaf_open}, {NULL, NULL},
};
