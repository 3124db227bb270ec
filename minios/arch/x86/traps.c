/* SPDX-License-Identifier: ISC */
/* Exceptions: all are fatal, and all are explained before the domain dies. */
#include "arch/x86/x86.h"

#include <minios/arch.h>
#include <minios/console.h>
#include <minios/panic.h>
#include <minios/thread.h>
#include <xen/callback.h>

/* entry.S */
struct trap_entry {
    uint64_t vector;
    uintptr_t entry; /* 0: end of the table */
};
extern const struct trap_entry x86_trap_entries[];
extern const char x86_upcall_entry[], x86_failsafe_entry[];
/* Linker script. */
extern const char _text_start[], _text_end[];

/* SDM 3A 6.15 */
#define VECTOR_BREAKPOINT 3
#define VECTOR_OVERFLOW   4
#define VECTOR_PAGE_FAULT 14
#define NR_EXCEPTIONS     32

static const char *const names[NR_EXCEPTIONS] = {
    [0] = "divide error",         [1] = "debug",
    [3] = "breakpoint",           [4] = "overflow",
    [5] = "bound range",          [6] = "invalid opcode",
    [7] = "no floating point",    [9] = "coprocessor overrun",
    [10] = "invalid TSS",         [11] = "segment not present",
    [12] = "stack fault",         [13] = "general protection",
    [14] = "page fault",          [16] = "floating point",
    [17] = "alignment check",     [18] = "machine check",
    [19] = "SIMD floating point", [21] = "control protection",
};

static int register_callback(uint16_t type, const char *entry)
{
    const struct callback_register r = {
        .type = type,
        .flags = CALLBACKF_mask_events,
        .address = (uintptr_t)entry,
    };

    return (int)HYPERVISOR_callback_op(CALLBACKOP_register, &r);
}

int arch_init_traps(void)
{
    struct trap_info table[NR_EXCEPTIONS] = {0};
    unsigned i;
    long rc;

    for (i = 0; x86_trap_entries[i].entry != 0; i++) {
        struct trap_info *t = &table[i];

        t->vector = (uint8_t)x86_trap_entries[i].vector;
        t->cs = FLAT_KERNEL_CS;
        t->address = x86_trap_entries[i].entry;
        TI_SET_IF(t, 1); /* events stay off in the handler */
        /* These are raised by an instruction, which runs in ring 3 here. */
        if (t->vector == VECTOR_BREAKPOINT || t->vector == VECTOR_OVERFLOW)
            TI_SET_DPL(t, 3);
    }
    rc = HYPERVISOR_set_trap_table(table);
    if (rc == 0)
        rc = register_callback(CALLBACKTYPE_event, x86_upcall_entry);
    if (rc == 0)
        rc = register_callback(CALLBACKTYPE_failsafe, x86_failsafe_entry);
    return (int)rc;
}

/* SDM 3A 4.7: bit 0 protection, 1 write, 4 instruction fetch. */
static void explain_page_fault(uint64_t error)
{
    uint64_t address = arch_shared_info->vcpu_info[0].arch.cr2;
    const char *what = (error & 16)  ? "execute"
                       : (error & 2) ? "write to"
                                     : "read from";
    const char *why = (error & 1) ? "not allowed" : "not mapped";

    emergency_printf("cannot %s address 0x%lx: %s\n", what, address, why);
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
 * there is a return address there it gets a record of its own. (Once in a while
 * it may be a stale one: a line too many tells more than one too few.)
 */
static void link_caller(struct trap_frame *frame)
{
    const struct trap_regs *r = &frame->regs;
    uintptr_t start, end;
    uint64_t top;

    thread_stack(&start, &end);
    if (!in_range(r->rsp, sizeof(top), start, end) || r->rsp % 8 != 0)
        return;
    top = *(const uint64_t *)r->rsp;
    if (!follows_call(top))
        return;
    frame->caller.next = frame->here.next;
    frame->caller.return_address = top;
    frame->here.next = (uintptr_t)&frame->caller;
}

void x86_trap(struct trap_frame *frame)
{
    const struct trap_regs *regs = &frame->regs;
    const char *name = "unknown";

    panic_begin();
    link_caller(frame);
    if (regs->vector < NR_EXCEPTIONS && names[regs->vector])
        name = names[regs->vector];
    emergency_printf("%spanic: trap %lu (%s), error code 0x%lx\n",
                     console_at_line_start() ? "" : "\n", regs->vector, name,
                     regs->error);
    if (regs->vector == VECTOR_PAGE_FAULT)
        explain_page_fault(regs->error);
    panic_thread();
    dump_registers(regs);
    backtrace((uintptr_t)&frame->here);
    panic_end();
}

void x86_failsafe(void)
{
    panic("failsafe callback: the hypervisor could not return to this domain");
}
