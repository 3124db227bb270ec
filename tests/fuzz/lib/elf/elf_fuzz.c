/* SPDX-License-Identifier: ISC */
/* Any bytes as an image: read, symbols looked up, and, when it is accepted,
 * planned and filled as a domain of 16 MiB. */
#include <builder/pv.h>
#include <elf/elf.h>
#include <stdlib.h>

/* An index finds what a search finds. */
static void compare_index(struct elf_image *img)
{
    struct elf_symbol a, b;
    uint64_t nr = elf_nr_symbols(img);
    uint32_t *order = malloc(nr * sizeof(*order) + 1);
    bool found = elf_find_symbol(img, img->entry, &a);

    if (!order)
        return;
    elf_index_symbols(img, order, nr);
    if (elf_find_symbol(img, img->entry, &b) != found ||
        (found && (a.name != b.name || a.value != b.value)))
        abort();
    img->index.order = NULL;
    free(order);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void build(const struct elf_image *img)
{
    struct pv_params p = {
        .image = img,
        .ramdisk_bytes = 5000,
        .nr_pages = 4096,
        .max_pages = 8192,
        .hypercall_entry = MONITOR_ENTRY_HYPERCALL,
        .iret_entry = MONITOR_ENTRY_IRET,
    };
    struct pv_layout l;
    uint64_t value;
    void *mem;

    if (pv_plan(&p, &l, &value) != PV_OK)
        return;
    mem = calloc(1, pv_boot_size(&l));
    if (mem)
        pv_fill(&p, &l, mem);
    free(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct elf_image img;
    struct elf_symbol sym;

    if (elf_read(&img, data, size, ELF_MACHINE_X86_64) != ELF_OK)
        return 0;
    (void)elf_find_symbol(&img, img.entry, &sym); /* found or not */
    compare_index(&img);
    (void)elf_symbol_by_name(&img, "_start", &sym);
    build(&img);
    return 0;
}
