/* SPDX-License-Identifier: ISC */
/* Shared by the parts of the attacking guest. */
#ifndef ATTACKS_H
#define ATTACKS_H

#include <stdbool.h>
#include <stdint.h>
#include <base/compiler.h>
#include <guest/tap.h>
#include <xen/xen.h>
#include <xen/errno.h>

/* call.S: hypercall (nr) through the page, and by a raw `syscall'. */
long call_page(unsigned nr, const uint64_t args[6]);
long call_syscall(unsigned nr, const uint64_t args[6]);
#define CALL(call, ...)                                                        \
    call_page(__HYPERVISOR_##call, (const uint64_t[6]){__VA_ARGS__})

static inline uint64_t va_of(const volatile void *p)
{
    return (uint64_t)(uintptr_t)p;
}

/* The kernel's: what the domain was started with (minios/arch/x86). */
extern start_info_t *x86_start_info;

/* Changes how our own page (va) is mapped: its frame stays its own. */
enum how { UNMAPPED, READ_ONLY, READ_WRITE };
void map_page(const void *page, enum how how);

/* Addresses nobody may name. */
#define NOT_MAPPED     0x7f00000000ull
#define XEN_AREA       0xffff800000000000ull
#define NOT_CANONICAL  0x0000800000000000ull
#define MONITOR_TEXT   0x10000ull
#define MONITOR_WINDOW 0x7d0000000000ull

/* Pages the domain has, by its reservation. */
long current_pages(void);

void test_pointers(void);
void test_memory(void);
void test_multicall(void);
void test_waiting(void);
void test_versions(void);
void test_portal(void);
/* Ends the domain behind the monitor's back, and runs on. */
__noreturn void portal_shutdown(void);
__noreturn void portal_crash_lies(void);

#endif /* ATTACKS_H */
