/* SPDX-License-Identifier: ISC */
/* Ends a domain that cannot go on. */
#ifndef MINIOS_PANIC_H
#define MINIOS_PANIC_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <base/compiler.h>

/* Prints "panic: ..." and a backtrace, then SCHEDOP_shutdown(SHUTDOWN_crash).
 * Any context. A panic while panicking shuts down at once. */
__noreturn void panic(const char *format, ...) __printf(1, 2);

/* printf to the emergency console, for the report that precedes a panic; text
 * as printf's. */
void emergency_printf(const char *format, ...) __printf(1, 2);

/*
 * The backtrace of code that trapped at (at), one line for each return address,
 * as hexadecimal numbers: (at), (caller) unless it is 0, and those of the frame
 * records from (frame) on, as far as they lie on the running thread's stack.
 */
void backtrace_trap(uintptr_t at, uintptr_t caller, uintptr_t frame);

/* Says that (address) could not be accessed, (how): "read from", "write to",
 * "execute"; (mapped): it is there, but that is not allowed. Tells a stack
 * overflow when it is one. */
void panic_access(uintptr_t address, const char *how, bool mapped);

/* Prints the running thread's name, unless it is the main one. */
void panic_thread(void);

/* Ends the panic whose report has been printed already. Any context. */
__noreturn void panic_end(void);
/* Marks the start of a report; does not return if one is under way. */
void panic_begin(void);

#define BUG() panic("BUG at %s:%d in %s()", __FILE__, __LINE__, __func__)
#define BUG_ON(cond)                                                           \
    do {                                                                       \
        if (cond)                                                              \
            panic("BUG_ON(%s) at %s:%d in %s()", #cond, __FILE__, __LINE__,    \
                  __func__);                                                   \
    } while (0)
#define ASSERT(cond)                                                           \
    do {                                                                       \
        if (!(cond))                                                           \
            panic("assertion failed: %s at %s:%d in %s()", #cond, __FILE__,    \
                  __LINE__, __func__);                                         \
    } while (0)

#endif /* MINIOS_PANIC_H */
