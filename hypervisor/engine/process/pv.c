/* SPDX-License-Identifier: ISC */
/* How a PV domain is built, for what the engines share. */
#include "process.h"

/* The monitor program, embedded by mk/rules.mk. */
extern const uint8_t _binary_monitor_elf_start[], _binary_monitor_elf_end[];

static struct engine_program monitor = {
    .elf = _binary_monitor_elf_start,
    .elf_end = _binary_monitor_elf_end,
    .fd = -1,
    .starter = {.control = -1},
};

static struct pv_params params_of(const struct engine_template *t,
                                  uint64_t ramdisk_bytes)
{
    return (struct pv_params){
        .image = &t->image,
        .ramdisk_bytes = ramdisk_bytes,
        .nr_pages = t->nr_pages,
        .max_pages = t->max_pages,
        .hypercall_entry = MONITOR_ENTRY_HYPERCALL,
        .iret_entry = MONITOR_ENTRY_IRET,
    };
}

static int plan(struct engine_template *t,
                const struct engine_template_params *p, uint64_t ramdisk_bytes,
                struct engine_error *err)
{
    const struct pv_params params = params_of(t, ramdisk_bytes);
    uint64_t value = 0;
    enum pv_error e = pv_plan(&params, &t->layout, &value);

    return e == PV_OK ? 0 : image_plan_error(p, e, value, err);
}

static void fill(const struct engine_template *t, uint64_t ramdisk_bytes,
                 void *mem)
{
    const struct pv_params params = params_of(t, ramdisk_bytes);

    pv_fill(&params, &t->layout, mem);
}

static bool fill_start(const struct engine_template *t,
                       const struct engine_start *s, void *page)
{
    return pv_fill_start_info(&t->layout, t->nr_pages, t->max_pages,
                              s->store_port, s->console_port, s->cmdline, page);
}

static void fill_boot(const struct engine_template *t,
                      const struct engine_start *s, struct portal_boot *boot)
{
    pv_fill_boot(&t->layout, t->nr_pages, t->max_pages, s->domid, boot);
}

const struct engine_kind process_kind = {
    .program = &monitor,
    .plan = plan,
    .fill = fill,
    .fill_start = fill_start,
    .fill_boot = fill_boot,
    .fill_shared_info = pv_fill_shared_info,
};
