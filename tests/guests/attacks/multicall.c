/* SPDX-License-Identifier: ISC */
/* ATTACKS 24: multicalls in multicalls, ones that end early, ones that pull the
 * ground from under themselves. */

#include "attacks.h"
#include <base/string.h>
#include <minios/memory.h>
#include <xen/sched.h>
#include <xen/version.h>

#define UNTOUCHED 0x5555555555555555ull
/* What a multicall_entry_t needs to be asked for the page size. */
#define ASK_PAGESIZE                                                           \
    {                                                                          \
        .op = __HYPERVISOR_xen_version, .result = UNTOUCHED, .args = {         \
            XENVER_pagesize                                                    \
        }                                                                      \
    }

static void nested(void)
{
    multicall_entry_t inner = ASK_PAGESIZE;
    multicall_entry_t m[] = {
        {.op = __HYPERVISOR_multicall, .args = {va_of(&inner), 1}},
        {.op = __HYPERVISOR_iret},
        {.op = 63},
        {.op = UINT64_MAX},
        {.op = 1ull << 32 | __HYPERVISOR_xen_version},
        ASK_PAGESIZE,
    };

    check_is(CALL(multicall, va_of(m), ARRAY_SIZE(m)), 0, "a multicall");
    check_is((long)m[0].result, -XEN_EINVAL, "one inside it is refused");
    check(inner.result == UNTOUCHED, "and none of it done");
    check_is((long)m[1].result, -XEN_ENOSYS, "so is iret (XSA-213)");
    check_is((long)m[2].result, -XEN_ENOSYS, "there is no call 63");
    check_is((long)m[3].result, -XEN_ENOSYS, "nor 2^64 - 1");
    check_is((long)m[4].result, -XEN_ENOSYS, "nor one cut to 32 bits");
    check_is((long)m[5].result, 4096, "the last one is done all the same");
}

/* A list that can be read only so far. */
static void ends_early(void)
{
    char *pages = page_alloc(1);
    multicall_entry_t *end =
        (multicall_entry_t *)(uintptr_t)(pages + PAGE_SIZE);
    const multicall_entry_t ask = ASK_PAGESIZE;

    end[-1] = end[-2] = ask;
    map_page(pages + PAGE_SIZE, UNMAPPED);
    check_is(CALL(multicall, va_of(end - 2), UINT32_MAX), -XEN_EFAULT,
             "2^32 - 1 calls, two of which are there");
    check(end[-2].result == 4096 && end[-1].result == 4096,
          "these two are done");
    check_is(CALL(multicall, va_of(end - 2), 0), 0, "none is nothing");
    check_is(CALL(multicall, UINT64_MAX, 0), 0, "wherever it is");
    check_is(CALL(multicall, va_of(end - 1) + 8, 1), -XEN_EFAULT,
             "one whose end is missing");
    check_is(CALL(multicall, UINT64_MAX - 63, 2), -XEN_EFAULT, "two that wrap");
    map_page(pages + PAGE_SIZE, READ_WRITE);
    page_free(pages, 1);
}

/* Entries that change the list they are in. */
static void changes_itself(void)
{
    multicall_entry_t *m = page_alloc(0);
    const multicall_entry_t ask = ASK_PAGESIZE;

    m[0] = m[1] = m[2] = ask;
    /* Writes a text over the next entry, which then is no call. */
    m[0].args[0] = XENVER_capabilities;
    m[0].args[1] = va_of(&m[1]);
    check_is(CALL(multicall, va_of(m), 1), 0, "an entry may change the next");
    check_is((long)m[0].result, 0, "it has its own result");
    check_is(CALL(multicall, va_of(&m[1]), 1), 0, "which is then called");
    check_is((long)m[1].result, -XEN_ENOSYS, "as what it has become");

    /* Unmaps the list: its own result cannot be written. */
    memset(m, 0, PAGE_SIZE);
    m[0].op = __HYPERVISOR_update_va_mapping;
    m[0].args[0] = va_of(m);
    m[1] = ask;
    check_is(CALL(multicall, va_of(m), 2), -XEN_EFAULT,
             "an entry that unmaps the list is the last");
    map_page(m, READ_WRITE);
    check(m[1].result == UNTOUCHED, "the next was not done");
    page_free(m, 0);
}

void test_multicall(void)
{
    nested();
    ends_early();
    changes_itself();
}
