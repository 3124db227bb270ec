/* SPDX-License-Identifier: ISC */
/* What each page of the identity map may be used for. */
#include "arch/x86/layout.h"
#include "arch/x86/x86.h"

#include <cpuid.h>

/* Linker script. */
extern const char _text_start[], _text_end[], _rodata_start[], _rodata_end[],
    _data_end[], _stack_start[];

static bool is_between(uintptr_t va, const char *start, const char *end)
{
    return va >= (uintptr_t)start && va < (uintptr_t)end;
}

uint64_t x86_page_rights(uintptr_t va, uint64_t nx)
{
    if (va < IMAGE_BASE)
        return 0;
    if (is_between(va, _text_start, _text_end))
        return PTE_PRESENT;
    if (is_between(va, _rodata_start, _rodata_end))
        return PTE_PRESENT | nx;
    if (is_between(va, _data_end, _stack_start))
        return 0; /* the guard page */
    return PTE_PRESENT | PTE_WRITE | nx;
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
