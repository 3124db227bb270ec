/* SPDX-License-Identifier: ISC */
/* A vm's memory and registers as a core dump takes them. */
#include "process_test.h"

#include <errno.h>
#include <string.h>

static const struct engine_ops *const ops = &process_engine;

static uint64_t counter(struct domain *d)
{
    uint64_t n = 0;

    (void)!ops->vm_read(d->vm, GUEST_COUNTER, &n, sizeof(n));
    return n;
}

static void await_more(struct domain *d, uint64_t old)
{
    while (counter(d) == old && !d->exited)
        settle();
    check(counter(d) != old, "it runs");
}

static void test_regs(struct domain *d)
{
    struct portal_regs regs;
    uint64_t n;

    ops->vm_regs(d->vm, &regs);
    check(regs.rip >= GUEST_TEXT && regs.rip < GUEST_DATA,
          "registers before the first instruction");
    ops->vm_unpause(d->vm);
    await_more(d, 0);
    ops->vm_pause(d->vm);
    run_until(&d->paused, 1);
    n = counter(d);
    ops->vm_regs(d->vm, &regs);
    check(regs.rip >= GUEST_TEXT && regs.rip < GUEST_DATA,
          "registers of a guest that computes");
    settle();
    check(counter(d) == n, "it stands still as before");
    ops->vm_unpause(d->vm);
    await_more(d, n);
    ops->vm_pause(d->vm);
    run_until(&d->paused, 2);
}

static void test_frames_of(struct engine_memory *mem, const char *when)
{
    uint8_t page[PORTAL_PAGE_SIZE];

    check(ops->memory_nr_frames(mem) > GUEST_MAX_PAGES, "%s: frames", when);
    check(ops->memory_read(mem, GUEST_DATA >> 12, page) == 1 &&
              !memcmp(page + (GUEST_MARK - GUEST_DATA), GUEST_MARK_TEXT,
                      sizeof(GUEST_MARK_TEXT)),
          "%s: its data", when);
    check(ops->memory_read(mem, GUEST_TEXT >> 12, page) == 1,
          "%s: text, from the template", when);
    check(ops->memory_read(mem, ops->memory_cr3(mem), page) == 1,
          "%s: the page table", when);
    check(ops->memory_read(mem, GUEST_MAX_PAGES - 1, page) == 0,
          "%s: what was never touched is a hole", when);
    check(ops->memory_read(mem, MFN_SHARED_INFO(GUEST_MAX_PAGES), page) == 1,
          "%s: shared_info", when);
    check(ops->memory_read(mem, ops->memory_nr_frames(mem), page) == -EINVAL &&
              ops->memory_read(mem, UINT64_MAX, page) == -EINVAL,
          "%s: no such frames", when);
}

void test_memory(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);
    struct engine_memory *mem = NULL, *none = NULL;
    struct domain d;

    domain_create(&d, t);
    check(ops->vm_memory(d.vm, &none) == -ESRCH && !none,
          "without a process there is no way to its memory");
    check(domain_spawn(&d, "") == 0, "vm_spawn");
    run_until(&d.spawned, 1);
    test_regs(&d);
    check(ops->vm_unshare_frame(d.vm, GUEST_TEXT >> 12) == 0, "unshared");
    check(ops->vm_memory(d.vm, &mem) == 0, "vm_memory");
    test_frames_of(mem, "paused");
    domain_end(&d);
    test_frames_of(mem, "gone");
    ops->memory_close(mem);
    ops->memory_close(NULL);
    ops->template_put(t);
}
