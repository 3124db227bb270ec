/* SPDX-License-Identifier: ISC */
/* Frames of a vm as the daemon sees them: made private, mapped, given back. */
#include "process_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct engine_ops *const ops = &process_engine;

static const uint32_t text = GUEST_TEXT >> 12, data = GUEST_DATA >> 12;

static void start(struct domain *d, struct engine_template *t)
{
    domain_create(d, t);
    check(domain_spawn(d, "") == 0, "spawn");
    run_until(&d->spawned, 1);
}

/* A frame that must be there. */
static char *must_map(struct domain *d, uint32_t mfn, bool writable)
{
    char *page = ops->vm_map_frame(d->vm, mfn, writable);

    if (!page)
        abort();
    return page;
}

/* Lines of /proc/self/maps that are RAM files. */
static unsigned ram_mappings(void)
{
    FILE *f = fopen("/proc/self/maps", "r");
    unsigned n = 0;
    char line[512];

    while (f && fgets(line, sizeof(line), f))
        n += strstr(line, "memfd:midge-ram") != NULL;
    if (f)
        fclose(f);
    return n;
}

static uint64_t counter(const void *data_page)
{
    const char *p = data_page;

    return *(const volatile uint64_t *)(p + GUEST_COUNTER % PORTAL_PAGE_SIZE);
}

static void test_unshare(struct engine_template *t)
{
    struct domain d;

    start(&d, t);
    check(ops->vm_unshare_frame(d.vm, text) == 0, "template frame unshared");
    check(ops->vm_unshare_frame(d.vm, text) == 0, "twice: the same");
    check(ops->vm_unshare_frame(d.vm, data) == 0, "private already");
    check(ops->vm_unshare_frame(d.vm, GUEST_MAX_PAGES) == -EINVAL, "not RAM");
    check(ops->vm_unshare_frame(d.vm, UINT32_MAX) == -EINVAL, "not RAM at all");
    domain_end(&d);
}

static void test_map_private(struct engine_template *t)
{
    struct domain d;
    uint64_t n;
    char *page, *again;

    start(&d, t);
    page = must_map(&d, data, true);
    check(!strcmp(page + GUEST_MARK % PORTAL_PAGE_SIZE, GUEST_MARK_TEXT),
          "a private frame is mapped");
    ops->vm_unpause(d.vm);
    while (counter(page) == 0)
        settle();
    check(1, "and changes while the guest runs");
    ops->vm_pause(d.vm);
    run_until(&d.paused, 1);
    n = counter(page);
    again = must_map(&d, data, false);
    check(counter(again) == n, "mapped twice: the same contents");
    ops->vm_unmap_frame(d.vm, data, again);
    check(counter(page) == n, "the other one stays");
    ops->vm_release_frames(d.vm, text, data + 1 - text);
    check(counter(page) == 0, "a released frame reads as zero");
    ops->vm_unmap_frame(d.vm, data, page);
    ops->vm_release_frames(d.vm, text + 1, 1);
    ops->vm_release_frames(d.vm, GUEST_MAX_PAGES, 1);
    ops->vm_release_frames(d.vm, UINT32_MAX, UINT32_MAX);
    ops->vm_release_frames(d.vm, GUEST_MAX_PAGES - 1, 5);
    check(d.win.portal->gate == PORTAL_GATE_OPEN, "the window is still there");
    ops->vm_release_frames(d.vm, 0, GUEST_MAX_PAGES);
    check(d.win.portal->gate == PORTAL_GATE_OPEN, "whatever is released");
    domain_end(&d);
}

static void test_map_template(struct engine_template *t)
{
    char before[64];
    struct domain d;
    char *ro, *rw;

    start(&d, t);
    ro = must_map(&d, text, false);
    memcpy(before, ro, sizeof(before));
    rw = must_map(&d, text, true);
    check(rw != ro, "to be written: a private copy");
    check(!memcmp(rw, before, sizeof(before)), "with the same contents");
    memset(rw, 0x5a, 16);
    check(!memcmp(ro, before, sizeof(before)), "the template keeps its own");
    ops->vm_unmap_frame(d.vm, text, ro);
    ro = must_map(&d, text, false);
    check(ro[0] == 0x5a, "from then on the copy is what is mapped");
    ops->vm_unmap_frame(d.vm, text, ro);
    ops->vm_unmap_frame(d.vm, text, rw);
    domain_end(&d);

    start(&d, t);
    ro = must_map(&d, text, false);
    check(!memcmp(ro, before, sizeof(before)), "nor has another vm seen");
    ops->vm_unmap_frame(d.vm, text, ro);
    domain_end(&d);
}

static void test_map_special(struct engine_template *t)
{
    uint32_t grant = MFN_GRANT(GUEST_MAX_PAGES);
    uint32_t end = GUEST_MAX_PAGES + NR_SPECIAL_FRAMES;
    struct domain d;
    char *a, *b;

    domain_create(&d, t); /* no process is needed */
    a = must_map(&d, grant, true);
    b = must_map(&d, end - 1, true);
    check(a != b && !a[0] && !b[4095], "special frames, zeroed");
    memset(a, 1, PORTAL_PAGE_SIZE);
    memset(b, 2, PORTAL_PAGE_SIZE);
    ops->vm_unmap_frame(d.vm, grant, a);
    a = must_map(&d, grant, false);
    check(a[0] == 1 && a[4095] == 1, "they keep what is written");
    a = must_map(&d, MFN_SHARED_INFO(GUEST_MAX_PAGES), true);
    check(!memcmp(a, d.win.shared_info, PORTAL_PAGE_SIZE), "shared_info");
    a = must_map(&d, d.win.console_mfn, true);
    a[100] = 77;
    check(((char *)d.win.console)[100] == 77, "the console's ring");
    check(!ops->vm_map_frame(d.vm, end, true), "none beyond");
    check(!ops->vm_map_frame(d.vm, end, false), "to read either");
    check(!ops->vm_map_frame(d.vm, UINT32_MAX, true), "nor at the end");
    ops->vm_destroy(d.vm);
}

static void test_few_mappings(struct engine_template *t)
{
    unsigned n = ram_mappings();
    struct domain d;
    uint32_t i;

    domain_create(&d, t);
    check(ram_mappings() == n + 1, "an idle vm is one mapping");
    for (i = 0; i < 200; i++)
        check(ops->vm_map_frame(d.vm, GUEST_PAGES + 2 * i, true) != NULL,
              "frame %u", i);
    check(ram_mappings() == n + 2, "one of 200 frames is two");
    ops->vm_destroy(d.vm);
    check(ram_mappings() == n, "nothing stays when it is gone");
}

void test_frames(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);

    test_unshare(t);
    test_map_private(t);
    test_map_template(t);
    test_map_special(t);
    test_few_mappings(t);
    ops->template_put(t);
}
