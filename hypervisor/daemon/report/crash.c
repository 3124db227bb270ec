/* SPDX-License-Identifier: ISC */
/* Crash reports: reason and registers; backtrace.c has the frames. */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <base/compiler.h>
#include <daemon/crash.h>
#include <debuginfo/threads.h>

/* SDM 3A table 6-1. */
static const char *const vector_names[] = {"divide error",
                                           "debug exception",
                                           "NMI",
                                           "breakpoint",
                                           "overflow",
                                           "bound range exceeded",
                                           "invalid opcode",
                                           "no coprocessor",
                                           "double fault",
                                           "coprocessor overrun",
                                           "invalid TSS",
                                           "segment not present",
                                           "stack fault",
                                           "general protection fault",
                                           "page fault",
                                           "reserved exception",
                                           "x87 floating-point error",
                                           "alignment check",
                                           "machine check",
                                           "SIMD floating-point error"};

#define VECTOR_PF 14

/* Page-fault error code, SDM 3A 4.7. */
#define PF_PRESENT 1u
#define PF_WRITE   2u
#define PF_FETCH   16u

/* How far from the stack pointer a fault may lie to be the stack's own: large
 * frames touch their far end first. */
#define STACK_REACH 0x10000u

static __printf(2, 3) void say(const struct crash_source *src,
                               const char *format, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    src->line(src->arg, text);
}

static bool readable(const struct crash_source *src, uint64_t va)
{
    char byte;

    return src->read(src->arg, va, &byte, 1) == 1;
}

/*
 * A stack has overflowed when the vCPU faulted on an address near its stack
 * pointer that is not mapped, or could not be told about a fault because the
 * memory its stack pointer leads to is not there.
 */
static bool stack_overflowed(const struct crash_source *src,
                             const struct portal_crash *c)
{
    uint64_t rsp = c->regs.rsp;

    if (c->kind == PORTAL_CRASH_DOUBLE)
        return !readable(src, rsp - 8);
    if (c->kind != PORTAL_CRASH_TRAP || c->vector != VECTOR_PF)
        return false;
    if (c->error & PF_FETCH || readable(src, c->cr2))
        return false;
    return c->cr2 - (rsp - STACK_REACH) <= STACK_REACH + PORTAL_PAGE_SIZE;
}

static const char *vector_name(uint32_t vector)
{
    if (vector < ARRAY_SIZE(vector_names))
        return vector_names[vector];
    return "unknown exception";
}

static void say_trap(const struct crash_source *src,
                     const struct portal_crash *c)
{
    const char *what;

    if (c->vector != VECTOR_PF) {
        say(src, "guest crash: %s (vector %u), error code 0x%" PRIx64,
            vector_name(c->vector), c->vector, c->error);
        return;
    }
    what = c->error & PF_FETCH   ? "executing"
           : c->error & PF_WRITE ? "writing"
                                 : "reading";
    say(src,
        "guest crash: page fault (vector 14) %s address 0x%" PRIx64
        ", error code 0x%" PRIx64 " (%s)%s",
        what, c->cr2, c->error,
        c->error & PF_PRESENT ? "not permitted" : "not mapped",
        c->cr2 < PORTAL_PAGE_SIZE ? ": null pointer" : "");
}

static void say_reason(const struct crash_source *src,
                       const struct portal_crash *c)
{
    switch (c->kind) {
    case CRASH_KIND_SHUTDOWN:
        say(src, "guest crash: the guest reported it (SCHEDOP_shutdown)");
        break;
    case PORTAL_CRASH_TRAP:
        say_trap(src, c);
        break;
    case PORTAL_CRASH_DOUBLE:
        say(src,
            "guest crash: no stack to report a fault on: %s (vector %u), "
            "address 0x%" PRIx64,
            vector_name(c->vector), c->vector, c->cr2);
        break;
    case PORTAL_CRASH_BAD_IRET:
        say(src, "guest crash: bad iret frame, value 0x%" PRIx64, c->value);
        break;
    case PORTAL_CRASH_NO_CALLBACK:
        say(src, "guest crash: event or syscall without a callback registered");
        break;
    case PORTAL_CRASH_MONITOR:
        say(src,
            "guest crash: fault inside the monitor (vector %u, address "
            "0x%" PRIx64 "): guest code ran there, or a bug in Midge",
            c->vector, c->cr2);
        break;
    case PORTAL_CRASH_HOST:
        say(src,
            "guest crash: the host could not give what the vCPU needed "
            "(errno %" PRId64 "%s%s)",
            (int64_t)c->value, c->value > 0 && c->value < 4096 ? ": " : "",
            c->value > 0 && c->value < 4096 ? strerror((int)c->value) : "");
        break;
    case PORTAL_CRASH_WX:
        say(src,
            "guest crash: code writes to the page it is on, address "
            "0x%" PRIx64 ": only an image with a writable and executable "
            "segment may",
            c->cr2);
        break;
    default:
        say(src, "guest crash: unknown kind %u", c->kind);
        break;
    }
}

static void say_regs(const struct crash_source *src,
                     const struct portal_regs *r, bool all)
{
    char name[128];

    crash_symbol(src->image, r->rip, name, sizeof(name));
    say(src, "  rip %016" PRIx64 "  %s", r->rip, name);
    if (!all) {
        say(src, "  rsp %016" PRIx64 "  rbp %016" PRIx64, r->rsp, r->rbp);
        return;
    }
    say(src, "  rsp %016" PRIx64 "  rbp %016" PRIx64 "  rflags %08" PRIx64,
        r->rsp, r->rbp, r->rflags);
    say(src, "  rax %016" PRIx64 "  rbx %016" PRIx64 "  rcx %016" PRIx64,
        r->rax, r->rbx, r->rcx);
    say(src, "  rdx %016" PRIx64 "  rsi %016" PRIx64 "  rdi %016" PRIx64,
        r->rdx, r->rsi, r->rdi);
    say(src, "  r8  %016" PRIx64 "  r9  %016" PRIx64 "  r10 %016" PRIx64, r->r8,
        r->r9, r->r10);
    say(src, "  r11 %016" PRIx64 "  r12 %016" PRIx64 "  r13 %016" PRIx64,
        r->r11, r->r12, r->r13);
    say(src, "  r14 %016" PRIx64 "  r15 %016" PRIx64, r->r14, r->r15);
}

/* Whether (*t) is the thread that died. */
static bool find_thread(const struct crash_source *src,
                        const struct portal_crash *c, struct crash_thread *t)
{
    struct elf_symbol sym;

    return src->image &&
           elf_symbol_by_name(src->image, DEBUGINFO_THREADS_SYMBOL, &sym) &&
           crash_thread(src, sym.value, c->regs.rsp, t);
}

static void say_overflow(const struct crash_source *src,
                         const struct portal_crash *c,
                         const struct crash_thread *t)
{
    say(src,
        "this is a stack overflow%s%s: rsp 0x%" PRIx64
        " has run into unmapped memory",
        t ? " of thread " : "", t ? t->name : "", c->regs.rsp);
}

void crash_report(const struct crash_source *src, const struct portal_crash *c)
{
    struct crash_thread t;
    bool known = find_thread(src, c, &t);

    say_reason(src, c);
    if (stack_overflowed(src, c))
        say_overflow(src, c, known ? &t : NULL);
    if (known)
        say(src, "  thread %s, stack %" PRIx64 "..%" PRIx64, t.name,
            t.stack_start, t.stack_end);
    say_regs(src, &c->regs, c->kind != CRASH_KIND_SHUTDOWN);
    crash_backtrace(src, &c->regs);
}
