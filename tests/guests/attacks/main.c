/* SPDX-License-Identifier: ISC */
/*
 * Plays ATTACKS 23, 24 and 26 to 28 (docs/attacks.md): a guest whose arguments
 * are wrong on purpose. Every attack must be refused with the error Xen would
 * give, and nobody be the worse for it. Prints TAP; with an argument it ends in
 * a way that no honest guest does.
 */

#include "attacks.h"
#include <base/string.h>
#include <minios/app.h>
#include <xen/memory.h>

const char app_name[] = "attacks";

/* Present, user, accessed, dirty, not executable. */
#define PTE_READ_ONLY  0x8000000000000065ull
#define PTE_READ_WRITE 0x8000000000000067ull

void map_page(const void *page, enum how how)
{
    const unsigned long *p2m = (const unsigned long *)x86_start_info->mfn_list;
    uint64_t frame = p2m[va_of(page) >> 12] << 12;
    uint64_t pte = how == UNMAPPED    ? 0
                   : how == READ_ONLY ? frame | PTE_READ_ONLY
                                      : frame | PTE_READ_WRITE;

    if (CALL(update_va_mapping, va_of(page), pte, UVMF_INVLPG))
        check(false, "update_va_mapping of our own page");
}

long current_pages(void)
{
    domid_t self = DOMID_SELF;

    return CALL(memory_op, XENMEM_current_reservation, va_of(&self));
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "shutdown") == 0)
        portal_shutdown();
    if (argc > 1 && strcmp(argv[1], "crash") == 0)
        portal_crash_lies();
    test_pointers();
    test_memory();
    test_multicall();
    test_waiting();
    test_versions();
    test_portal();
    return check_done();
}
