/* SPDX-License-Identifier: ISC */
/* Panic and backtraces; contract in minios/panic.h. */
#include <minios/panic.h>

#include <base/crlf.h>
#include <base/fmt.h>
#include <base/string.h>
#include <minios/arch.h>
#include <minios/console.h>
#include <minios/memory.h>
#include <minios/shutdown.h>
#include <minios/thread.h>
#include <xen/sched.h>

/* Linker script. */
extern const char _text_start[], _text_end[];

#define MAX_CALLERS 32

static bool panicking;

/* Gathers a line, so that each is one write however it is formatted. */
struct line {
    char bytes[160];
    size_t used;
    struct crlf ends;
};

static void line_flush(struct line *l)
{
    console_emergency_write(l->bytes, l->used);
    l->used = 0;
}

static void line_sink(void *arg, const char *bytes, size_t len)
{
    struct line *l = arg;

    while (len > 0) {
        l->used += crlf_add(&l->ends, l->bytes + l->used,
                            sizeof(l->bytes) - l->used, &bytes, &len);
        if (len > 0)
            line_flush(l);
    }
}

void emergency_printf(const char *format, ...)
{
    struct line l = {.used = 0};
    va_list ap;

    va_start(ap, format);
    fmt_vprint(line_sink, &l, format, ap);
    va_end(ap);
    line_flush(&l);
}

static bool in_text(uintptr_t address)
{
    return address >= (uintptr_t)_text_start && address < (uintptr_t)_text_end;
}

static void print_caller(uintptr_t address)
{
    emergency_printf("  0x%lx%s\n", address,
                     in_text(address) ? "" : " (not code)");
}

static void print_chain(uintptr_t frame)
{
    uintptr_t low, high;
    int i;

    thread_stack(&low, &high);
    for (i = 0; i < MAX_CALLERS; i++) {
        const struct frame_record *r;

        if (frame < low || frame > high - sizeof(*r) || frame % 8 != 0)
            break;
        r = (const struct frame_record *)frame;
        print_caller(r->return_address);
        low = frame + sizeof(*r); /* callers lie higher: no endless loop */
        frame = r->next;
    }
}

void backtrace_trap(uintptr_t at, uintptr_t caller, uintptr_t frame)
{
    emergency_printf("backtrace:\n");
    print_caller(at);
    if (caller)
        print_caller(caller);
    print_chain(frame);
}

void panic_access(uintptr_t address, const char *how, bool mapped)
{
    uintptr_t start, end;

    emergency_printf("cannot %s address 0x%lx: %s\n", how, address,
                     mapped ? "not allowed" : "not mapped");
    thread_stack(&start, &end);
    if (address < start && address >= start - PAGE_SIZE)
        emergency_printf("stack overflow: that is the page below the stack\n");
}

void panic_begin(void)
{
    arch_events_disable();
    if (panicking)
        domain_shutdown(SHUTDOWN_crash);
    panicking = true;
}

void panic_thread(void)
{
    if (!thread_is_main())
        emergency_printf("thread: \"%s\"\n", thread_name(thread_self()));
}

void panic_end(void)
{
    console_flush();
    domain_shutdown(SHUTDOWN_crash);
}

void panic(const char *format, ...)
{
    const char *prefix = console_at_line_start() ? "panic: " : "\npanic: ";
    struct line l = {.used = 0};
    va_list ap;

    panic_begin();
    line_sink(&l, prefix, strlen(prefix));
    va_start(ap, format);
    fmt_vprint(line_sink, &l, format, ap);
    va_end(ap);
    line_sink(&l, "\n", 1);
    line_flush(&l);
    panic_thread();
    emergency_printf("backtrace:\n");
    print_chain((uintptr_t)__builtin_frame_address(0));
    panic_end();
}
