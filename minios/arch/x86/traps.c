/* SPDX-License-Identifier: ISC */
/* Exceptions: all are fatal, and all are explained before the domain dies. */
#include "arch/x86/x86.h"

#include <minios/arch.h>
#include <minios/console.h>
#include <minios/panic.h>
#include <minios/thread.h>

/* Linker script. */
extern const char _text_start[], _text_end[];

/* SDM 3A 6.15 */
#define VECTOR_PAGE_FAULT 14

static const char *const names[NR_EXCEPTIONS] = {
    [0] = "divide error",
    [1] = "debug",
    [2] = "non-maskable interrupt",
    [3] = "breakpoint",
    [4] = "overflow",
    [5] = "bound range",
    [6] = "invalid opcode",
    [7] = "no floating point",
    [8] = "double fault",
    [9] = "coprocessor overrun",
    [10] = "invalid TSS",
    [11] = "segment not present",
    [12] = "stack fault",
    [13] = "general protection",
    [14] = "page fault",
    [16] = "floating point",
    [17] = "alignment check",
    [18] = "machine check",
    [19] = "SIMD floating point",
    [21] = "control protection",
};

/* SDM 3A 4.7: bit 0 protection, 1 write, 4 instruction fetch. */
static void explain_page_fault(uint64_t error)
{
    const char *how = (error & 16)  ? "execute"
                      : (error & 2) ? "write to"
                                    : "read from";

    panic_access(x86_platform->fault_address(), how, (error & 1) != 0);
}

static void dump_registers(const struct trap_regs *r)
{
    emergency_printf("rip %016lx  rsp %016lx  rflags %08lx\n", r->rip, r->rsp,
                     r->rflags);
    emergency_printf("rax %016lx  rbx %016lx  rcx %016lx\n", r->rax, r->rbx,
                     r->rcx);
    emergency_printf("rdx %016lx  rsi %016lx  rdi %016lx\n", r->rdx, r->rsi,
                     r->rdi);
    emergency_printf("rbp %016lx  r8  %016lx  r9  %016lx\n", r->rbp, r->r8,
                     r->r9);
    emergency_printf("r10 %016lx  r11 %016lx  r12 %016lx\n", r->r10, r->r11,
                     r->r12);
    emergency_printf("r13 %016lx  r14 %016lx  r15 %016lx\n", r->r13, r->r14,
                     r->r15);
}

/* Whether (len) bytes at (address) lie between two others. */
static bool in_range(uint64_t address, uint64_t len, uintptr_t start,
                     uintptr_t end)
{
    return address >= start && address <= end - len;
}

/* Whether a call instruction ends at (address): e8 with a displacement, or
 * ff /2 in its forms of two to seven bytes (SDM 2A, CALL). */
static bool follows_call(uint64_t address)
{
    const unsigned char *end = (const unsigned char *)address;
    int n;

    if (!in_range(address - 7, 7, (uintptr_t)_text_start, (uintptr_t)_text_end))
        return false;
    if (end[-5] == 0xe8)
        return true;
    for (n = 2; n <= 7; n++) {
        if (end[-n] == 0xff && (end[1 - n] & 0x38) == 0x10)
            return true;
    }
    return false;
}

/*
 * gcc gives a function that uses no stack no frame record, whatever its flags,
 * and code reached by a stray call has none either: their caller would be
 * missing from the backtrace. Then its address is on top of the stack, so when
 * there is a return address there it gets a record of its own, for whoever
 * follows the records from outside. (Once in a while it may be a stale one: a
 * line too many tells more than one too few.) Returns the address, or 0.
 */
static uintptr_t link_caller(struct trap_frame *frame)
{
    const struct trap_regs *r = &frame->regs;
    uintptr_t start, end;
    uint64_t top;

    thread_stack(&start, &end);
    if (!in_range(r->rsp, sizeof(top), start, end) || r->rsp % 8 != 0)
        return 0;
    top = *(const uint64_t *)r->rsp;
    if (!follows_call(top))
        return 0;
    frame->caller.next = frame->here.next;
    frame->caller.return_address = top;
    frame->here.next = (uintptr_t)&frame->caller;
    return top;
}

void x86_trap(struct trap_frame *frame)
{
    const struct trap_regs *regs = &frame->regs;
    const char *name = "unknown";
    uintptr_t caller;

    panic_begin();
    caller = link_caller(frame);
    if (regs->vector < NR_EXCEPTIONS && names[regs->vector])
        name = names[regs->vector];
    emergency_printf("%spanic: trap %lu (%s), error code 0x%lx\n",
                     console_at_line_start() ? "" : "\n", regs->vector, name,
                     regs->error);
    if (regs->vector == VECTOR_PAGE_FAULT)
        explain_page_fault(regs->error);
    panic_thread();
    dump_registers(regs);
    backtrace_trap(regs->rip, caller, regs->rbp);
    panic_end();
}
