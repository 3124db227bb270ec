/* SPDX-License-Identifier: ISC */
/*
 * Shared by the parts of framedump. Each line it prints is of one of three
 * kinds, so that the output of two hypervisors can be compared by a program:
 *
 *   key: value     must be the same on every hypervisor
 *   ~key: value    may differ, for a reason that ARCHITECTURE.md gives
 *   # text         raw numbers, for people
 */
#ifndef FRAMEDUMP_H
#define FRAMEDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/event_channel.h>

/* --- entry.S: the state at the entry point, before anything has changed -------- */

struct entry_state {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rflags;
    uint64_t cs, ss, ds, es, fs, gs;
};
extern struct entry_state entry_state;

/* --- entry.S: what a handler finds ----------------------------------------------- */

#define FRAME_WORDS 9 /* one more than the longest frame                   */

struct seen {
    uint64_t rsp;               /* at the handler's first instruction, */
    uint64_t word[FRAME_WORDS]; /* and what lies from there on         */
    /* Live registers at the same place; rcx and r11 are in the frame. */
    uint64_t rax, rbx, rdx, rsi, rdi, rbp;
    uint64_t r8, r9, r10, r12, r13, r14, r15;
    uint64_t rflags, cs, ss;
};
extern struct seen seen;

/* One way to raise an exception: the routine, and the address of the
 * instruction that raises it and of the one behind. */
struct site {
    uint64_t raise, at, after;
};
extern const struct site site_table[];

/* Vectors and entries, ended by an entry of 0. */
struct vector_entry {
    uint64_t vector, entry;
};
extern const struct vector_entry vector_entries[];

/* The stack pointer while the instruction of a site, or the loop of
 * spin_for_upcall, ran. */
extern uint64_t expected_rsp;

extern const char upcall_recorder[], spin_start[], spin_end[];
extern uint32_t upcalls_seen;
/* Holds known values in the registers until an upcall has been recorded or
 * (turns) are over. */
void spin_for_upcall(uint64_t turns);

/* EVTCHNOP_send by a call of the hypercall page between these two. */
long send_event(const struct evtchn_send *send);
extern const char send_event_end[];

long hypercall(unsigned nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
void forced_cpuid(uint32_t regs[4]);

/* Called by the exception entries, on the interrupted stack. Returns what the
 * entry is to skip of the frame: 8 for an error code, or 0. */
uint64_t exception_seen(uint64_t vector);

/* --- start.c, map.c, version.c, frames.c --------------------------------------- */

void print_start(void);
void print_version(void);
void print_exceptions(void);
void print_upcalls(void);

/* Runs of pages that the builder's own tables map; map.c. */
void map_record(void);
void map_print(void);

static inline const char *yes_no(bool yes)
{
    return yes ? "yes" : "no";
}

/* The kernel's (minios/arch/x86). */
extern const struct start_info *x86_start_info;
uint64_t *pt_entry(uintptr_t va, int level);
extern const char _text_start[], _text_end[], _rodata_start[], _rodata_end[],
    _data_end[], _stack_start[], _stack_end[];

static inline uint64_t address_of(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

#endif /* FRAMEDUMP_H */
