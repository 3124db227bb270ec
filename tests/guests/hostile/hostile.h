/* SPDX-License-Identifier: ISC */
/* Shared by the parts of the guest that attacks the host. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <base/compiler.h>
#include <stdbool.h>
#include <stdint.h>
#include <xen/xen.h>

/* --- attack.S --------------------------------------------------------------- */

/* Jumps to a `syscall' instruction somewhere with rax, rdi, rsi, rdx, r10, r8,
 * r9 loaded. Comes back if a `ret' follows it. */
long syscall_at(const void *insn, const long regs[7]);
/* Hypercall (nr) through the page, and by a `syscall' of ours. */
long hypercall(unsigned nr, const uint64_t args[6]);
long raw_syscall(unsigned nr);
#define CALL(call, ...)                                                        \
    hypercall(__HYPERVISOR_##call, (const uint64_t[6]){__VA_ARGS__})

static inline uint64_t va_of(const volatile void *p)
{
    return (uint64_t)(uintptr_t)p;
}

/* The kernel's: what the domain was started with (minios/arch/x86). */
extern start_info_t *x86_start_info;

/* Where the monitor's text is (hypervisor side: portal/layout.h). */
#define MONITOR_TEXT     0x10000ul
#define MONITOR_TEXT_MAX 0x18000ul
/* Its data and stacks, some of them at least. */
#define MONITOR_DATA     0x1a000ul
#define MONITOR_DATA_END 0x2a000ul

/* --- calls.c ----------------------------------------------------------------- */

/* Linux's, from the monitor's own instruction, which returns here. Ends the
 * domain with a message when there is no such instruction. */
long monitor_call(long nr, long a, long b, long c, long d, long e, long f);
/* Where that is. */
const void *monitor_syscall(void);
/* rt_sigreturn with (frame) under the stack pointer. */
__noreturn void monitor_sigreturn(const void *frame);

#define NR_write        1
#define NR_mmap         9
#define NR_munmap       11
#define NR_rt_sigreturn 15
#define NR_sched_yield  24
#define NR_setitimer    38
#define NR_futex        202
#define NR_restart      219
#define NR_exit_group   231

#define PROT_RW      3
#define SHARED_FIXED 0x11

/* Tries the forbidden call of that name. -1: there is none. */
int try_call(const char *name);
void list_calls(void);

/* --- attacks: each returns main's result, or does not --------------------------- */

struct attack {
    const char *name;
    int (*run)(void);
};

/* Ends of the tables have no name. */
extern const struct attack door_attacks[];    /* doors.c                   */
extern const struct attack allowed_attacks[]; /* allowed.c                 */
extern const struct attack storm_attacks[];   /* storms.c                  */
extern const struct attack table_attacks[];   /* tables.c                  */
extern const struct attack write_attacks[];   /* writes.c                  */

/* True. */
bool for_ever(void);
/* What no attack should live to say. */
int survived(const char *what);
/* What is none of the host's business has done no harm. */
int unharmed(const char *what);

#endif /* HOSTILE_H */
