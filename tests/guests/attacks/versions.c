/* SPDX-License-Identifier: ISC */
/* ATTACKS 28: xen_version's buffers to the byte, console_io, and what only
 * domain 0 may do. */

#include "attacks.h"
#include <base/string.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <xen/version.h>

#define GUARD 0x5a

static const struct {
    unsigned op;
    unsigned size;
    const char *what;
} texts[] = {
    {XENVER_extraversion, sizeof(xen_extraversion_t), "extraversion"},
    {XENVER_compile_info, sizeof(xen_compile_info_t), "compile_info"},
    {XENVER_capabilities, sizeof(xen_capabilities_info_t), "capabilities"},
    {XENVER_changeset, sizeof(xen_changeset_info_t), "changeset"},
    {XENVER_platform_parameters, sizeof(xen_platform_parameters_t),
     "platform_parameters"},
    {XENVER_guest_handle, sizeof(xen_domain_handle_t), "guest_handle"},
    {XENVER_commandline, sizeof(xen_commandline_t), "commandline"},
};

/* Each at the end of what is mapped: not a byte more is written, and not a byte
 * less will do. What is behind it was never ours to see: all of it is set. */
static void exactly(void)
{
    char *pages = page_alloc(1), *end = pages + PAGE_SIZE;

    map_page(end, UNMAPPED);
    for (unsigned i = 0; i < ARRAY_SIZE(texts); i++) {
        char *at = end - texts[i].size;

        memset(pages, GUARD, PAGE_SIZE);
        check_is(CALL(xen_version, texts[i].op, va_of(at)), 0, texts[i].what);
        check(at[-1] == GUARD && end[-1] != GUARD,
              "it is written whole, and nothing before it");
        check_is(CALL(xen_version, texts[i].op, va_of(at) + 1), -XEN_EFAULT,
                 "a buffer one byte too short");
    }
    map_page(end, READ_WRITE);
    memset(pages, GUARD, 2 * PAGE_SIZE);
    for (unsigned i = 0; i < ARRAY_SIZE(texts); i++)
        CALL(xen_version, texts[i].op, va_of(end - texts[i].size));
    check(*end == GUARD, "nothing is written behind any of them");
    page_free(pages, 1);
}

static void features(void)
{
    xen_feature_info_t *f = page_alloc(0);

    f->submap_idx = XENFEAT_NR_SUBMAPS;
    check_is(CALL(xen_version, XENVER_get_features, va_of(f)), -XEN_EINVAL,
             "features that do not exist");
    f->submap_idx = UINT32_MAX;
    check_is(CALL(xen_version, XENVER_get_features, va_of(f)), -XEN_EINVAL,
             "nor at the highest number");
    f->submap_idx = 0;
    map_page(f, READ_ONLY);
    check_is(CALL(xen_version, XENVER_get_features, va_of(f)), -XEN_EFAULT,
             "features into read-only memory");
    map_page(f, READ_WRITE);
    page_free(f, 0);
    check_is(CALL(xen_version, XENVER_build_id, NOT_MAPPED), -XEN_ENOSYS,
             "there is no build_id");
    check_is(CALL(xen_version, UINT32_MAX, NOT_MAPPED), -XEN_ENOSYS,
             "nor a last xen_version");
}

static void console(void)
{
    char *pages = page_alloc(1), *end = pages + PAGE_SIZE;

    check_is(CALL(console_io, CONSOLEIO_read, 16, va_of(pages)), -XEN_EPERM,
             "reading the console is domain 0's");
    check_is(CALL(console_io, CONSOLEIO_write, UINT32_MAX, va_of(pages)),
             -XEN_EINVAL, "-1 bytes");
    check_is(CALL(console_io, CONSOLEIO_write, 1u << 31, va_of(pages)),
             -XEN_EINVAL, "-2^31 bytes");
    memset(pages, '\n', PAGE_SIZE);
    map_page(end, UNMAPPED);
    check_is(CALL(console_io, CONSOLEIO_write, INT32_MAX, va_of(end) - 1),
             -XEN_EFAULT, "2^31 - 1 bytes, one of which is there");
    check_is(CALL(console_io, CONSOLEIO_write, 0, va_of(end)), 0,
             "nothing of nowhere");
    check_is(CALL(console_io, CONSOLEIO_write, 1, va_of(end) - 1), 0,
             "one of one");
    map_page(end, READ_WRITE);
    page_free(pages, 1);
}

void test_versions(void)
{
    exactly();
    features();
    console();
}
