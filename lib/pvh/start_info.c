/* SPDX-License-Identifier: ISC */
/* hvm_start_info; contract in pvh/start_info.h. */
#include <pvh/start_info.h>

#include <base/arith.h>
#include <base/ranges.h>
#include <base/string.h>
#include <stdbool.h>
#include <stddef.h>
#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>

#define PAGE 0x1000ull

/* Everything of version 0 lies in front of this. */
#define SIZE_V0 offsetof(struct hvm_start_info, memmap_paddr)

/* What must be kept: start_info (looked at twice), the command line, the entries
 * of the two tables and what they describe. */
#define MAX_KEPT (3 + 2 * PVH_MODULES_MAX + 2 * PVH_MAP_MAX)

struct reader {
    pvh_view *view;
    void *arg;
    struct range kept_at[MAX_KEPT];
    struct ranges kept;
    struct hvm_start_info info;
};

static bool keep(struct reader *r, uint64_t start, uint64_t len)
{
    return ranges_add(&r->kept, start, len);
}

/* A view that is also kept. */
static const void *look(struct reader *r, uint64_t address, uint64_t len)
{
    return keep(r, address, len) ? r->view(r->arg, address, len) : NULL;
}

/* Copies of what is looked at: once, and wherever it lies. */
static bool copy(struct reader *r, void *out, uint64_t address, uint64_t len)
{
    const void *in = look(r, address, len);

    if (in)
        memcpy(out, in, len);
    return in != NULL;
}

static enum pvh_error read_info(struct reader *r, uint64_t address)
{
    size_t size = SIZE_V0;

    memset(&r->info, 0, sizeof(r->info));
    if (!copy(r, &r->info, address, size))
        return PVH_E_UNREADABLE;
    if (r->info.magic != XEN_HVM_START_MAGIC_VALUE)
        return PVH_E_MAGIC;
    if (r->info.version >= 1)
        size = sizeof(r->info);
    return copy(r, &r->info, address, size) ? PVH_OK : PVH_E_UNREADABLE;
}

/* Byte by byte: it may end just in front of what cannot be read. */
static enum pvh_error read_command_line(struct reader *r, const char **line)
{
    uint64_t address = r->info.cmdline_paddr, len;

    *line = "";
    if (address == 0)
        return PVH_OK;
    for (len = 0; len < PVH_COMMAND_LINE_MAX; len++) {
        const char *c = r->view(r->arg, address + len, 1);

        if (!c)
            return PVH_E_UNREADABLE;
        if (*c != '\0')
            continue;
        *line = look(r, address, len + 1);
        return *line ? PVH_OK : PVH_E_UNREADABLE;
    }
    return PVH_E_COMMAND_LINE;
}

static enum pvh_error read_modules(struct reader *r)
{
    uint64_t address = r->info.modlist_paddr;
    uint32_t n = r->info.nr_modules, i;

    if (n > PVH_MODULES_MAX)
        return PVH_E_MODULES;
    for (i = 0; i < n; i++) {
        struct hvm_modlist_entry m;

        if (!copy(r, &m, address + i * sizeof(m), sizeof(m)))
            return PVH_E_UNREADABLE;
        if (!keep(r, m.paddr, m.size))
            return PVH_E_MODULES;
    }
    return PVH_OK;
}

/* Finds the RAM that (image) lies in; keeps what is not RAM. */
static enum pvh_error read_map(struct reader *r, struct range image,
                               struct range *ram)
{
    uint64_t address = r->info.memmap_paddr, end;
    uint32_t n = r->info.memmap_entries, i;

    if (n == 0)
        return PVH_E_NO_MAP;
    if (n > PVH_MAP_MAX)
        return PVH_E_MAP;
    ram->end = 0;
    for (i = 0; i < n; i++) {
        struct hvm_memmap_table_entry e;

        if (!copy(r, &e, address + i * sizeof(e), sizeof(e)))
            return PVH_E_UNREADABLE;
        if (!add_u64(e.addr, e.size, &end))
            return PVH_E_MAP;
        if (e.type == XEN_HVM_MEMMAP_TYPE_RAM) {
            if (e.addr <= image.start && end >= image.end)
                *ram = (struct range){e.addr, end};
        } else if (!keep(r, e.addr, e.size)) {
            return PVH_E_MAP;
        }
    }
    return ram->end != 0 ? PVH_OK : PVH_E_IMAGE;
}

enum pvh_error pvh_read_start(struct pvh_start *out, uint64_t address,
                              uint64_t image_start, uint64_t image_end,
                              pvh_view *view, void *arg)
{
    struct reader r = {.view = view, .arg = arg};
    struct range image = {image_start, image_end}, ram, run;
    enum pvh_error e;

    r.kept = (struct ranges){.at = r.kept_at, .max = MAX_KEPT};
    e = read_info(&r, address);
    if (e == PVH_OK)
        e = read_command_line(&r, &out->command_line);
    if (e == PVH_OK)
        e = read_modules(&r);
    if (e == PVH_OK)
        e = read_map(&r, image, &ram);
    if (e != PVH_OK)
        return e;
    run = ranges_largest_gap(&r.kept, image_end, ram.end, PAGE);
    if (run.start == run.end)
        return PVH_E_NO_MEMORY;
    out->free_start = run.start;
    out->free_end = run.end;
    return PVH_OK;
}

const char *pvh_strerror(enum pvh_error e)
{
    static const char *const text[] = {
        [PVH_OK] = "no error",
        [PVH_E_UNREADABLE] = "it points outside of memory",
        [PVH_E_MAGIC] = "wrong magic number",
        [PVH_E_COMMAND_LINE] = "the command line is too long",
        [PVH_E_NO_MAP] = "there is no memory map",
        [PVH_E_MAP] = "bad memory map",
        [PVH_E_MODULES] = "bad list of modules",
        [PVH_E_IMAGE] = "the image does not lie in RAM",
        [PVH_E_NO_MEMORY] = "no memory is free behind the image",
    };

    return (unsigned)e < ARRAY_SIZE(text) ? text[e] : "unknown error";
}
