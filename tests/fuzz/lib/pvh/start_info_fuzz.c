/* SPDX-License-Identifier: ISC */
/* Any bytes behind an image, hvm_start_info first: what is called free is. */
#include <pvh/start_info.h>
#include <stdlib.h>
#include <string.h>
#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>

#define IMAGE_START 0x100000u
#define INFO        0x131000u /* the end of the image */
#define PAGE        0x1000u

struct memory {
    const uint8_t *bytes;
    size_t size;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const void *view(void *arg, uint64_t address, uint64_t len)
{
    const struct memory *m = arg;

    if (address < INFO || address - INFO > m->size ||
        len > m->size - (address - INFO))
        return NULL;
    return m->bytes + (address - INFO);
}

/* Ends the run if [start, start + len) and what is free have a byte in common. */
static void apart(const struct pvh_start *s, uint64_t start, uint64_t len)
{
    if (len > 0 && start < s->free_end && start + len > s->free_start)
        abort();
}

static void check(const struct pvh_start *s, const struct memory *m)
{
    struct hvm_start_info info;
    uint32_t i;

    if (s->free_start < INFO || s->free_start >= s->free_end ||
        s->free_start % PAGE != 0 || s->free_end % PAGE != 0)
        abort();
    memcpy(&info, m->bytes, sizeof(info));
    apart(s, INFO, sizeof(info));
    if (info.cmdline_paddr)
        apart(s, info.cmdline_paddr, strlen(s->command_line) + 1);
    for (i = 0; i < info.nr_modules; i++) {
        struct hvm_modlist_entry e;

        memcpy(&e, m->bytes + (info.modlist_paddr - INFO) + i * sizeof(e),
               sizeof(e));
        apart(s, e.paddr, e.size);
    }
    for (i = 0; i < info.memmap_entries; i++) {
        struct hvm_memmap_table_entry e;

        memcpy(&e, m->bytes + (info.memmap_paddr - INFO) + i * sizeof(e),
               sizeof(e));
        if (e.type != XEN_HVM_MEMMAP_TYPE_RAM)
            apart(s, e.addr, e.size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory m = {data, size};
    struct pvh_start s;

    if (pvh_read_start(&s, INFO, IMAGE_START, INFO, view, &m) == PVH_OK)
        check(&s, &m);
    return 0;
}
