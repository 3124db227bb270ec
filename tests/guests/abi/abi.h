/* SPDX-License-Identifier: ISC */
/* Shared by the parts of the ABI guest. */
#ifndef ABI_H
#define ABI_H

#include <guest/tap.h>
#include <stdbool.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/errno.h>

/* call.S */
long call_page(unsigned nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
long call_page_nt(unsigned nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
long call_syscall(unsigned nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
long preserved_by_call(unsigned nr);
long iretq_xen_selectors(void);
void forced_cpuid(uint32_t regs[4]);

static inline uint64_t va_of(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

/* The kernel's: what the domain was started with (minios/arch/x86/pv); NULL
 * when it is none of PV. */
extern start_info_t *x86_start_info;

/* Machine frame of a pseudo-physical address, by the p2m list. */
static inline uint64_t mfn_of(const void *p)
{
    const unsigned long *p2m = (const unsigned long *)x86_start_info->mfn_list;

    return p2m[va_of(p) >> 12];
}

/* What the guest itself keeps up to date when it exchanges frames. */
static inline void set_mfn_of(const void *p, uint64_t mfn)
{
    unsigned long *p2m = (unsigned long *)x86_start_info->mfn_list;

    p2m[va_of(p) >> 12] = mfn;
}

void test_calls(void);
void test_pagetables(void);
void test_events(void);
void test_xenstore(void);

#endif /* ABI_H */
