/* SPDX-License-Identifier: ISC */
/* What each page of the identity map may be used for. */
#include "arch/x86/x86.h"

#include <cpuid.h>

uint64_t x86_kind_rights(enum page_kind kind, uint64_t nx)
{
    switch (kind) {
    case PAGE_TEXT:
        return PTE_PRESENT;
    case PAGE_RODATA:
        return PTE_PRESENT | nx;
    case PAGE_DATA:
    case PAGE_DEVICE:
        return PTE_PRESENT | PTE_WRITE | nx;
    default:
        return 0;
    }
}

uint64_t x86_page_rights(uintptr_t va, uint64_t nx)
{
    return x86_kind_rights(page_kind_of(va), nx);
}

uint64_t pt_nx(void)
{
    static uint64_t nx;
    static bool known;
    unsigned a, b, c, d;

    if (!known) {
        /* SDM 2A, CPUID leaf 80000001H, EDX bit 20. */
        known = true;
        if (__get_cpuid(0x80000001, &a, &b, &c, &d) && (d & (1u << 20)))
            nx = PTE_NX;
    }
    return nx;
}
