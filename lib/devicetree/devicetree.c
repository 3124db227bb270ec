/* SPDX-License-Identifier: ISC */
/* Reading the device tree; contract in devicetree/devicetree.h. */
#include <devicetree/devicetree.h>

#include <base/arith.h>
#include <base/ranges.h>
#include <base/string.h>
#include <libfdt.h>

#define PAGE 0x1000ull

/* Cells of an interrupt (GIC bindings): type, number, flags. */
#define INTERRUPT_CELLS 3
#define INTERRUPT_PPI   1
#define FIRST_PPI       16u
#define NR_PPIS         16u

/* In the timer's node: secure, non-secure, virtual, hypervisor. */
#define VIRTUAL_TIMER 2u

/* Reservations that are looked at; Xen makes two. */
#define MAX_RESERVED 64
/* Those, the image, the blob, the ramdisk. */
#define MAX_KEPT (MAX_RESERVED + 3)

struct reader {
    const void *blob;
    struct range kept_at[MAX_KEPT];
    struct ranges kept;
    struct range bank; /* that the image lies in                           */
};

/* Whether the structure can be walked to its end: nothing is cut off. */
static bool is_whole(const void *blob)
{
    int node = 0, depth = 0;

    while (node >= 0 && depth >= 0)
        node = fdt_next_node(blob, node, &depth);
    return node == -FDT_ERR_NOTFOUND || depth < 0;
}

/* (cells) 32-bit cells as a number; 0, 1 or 2 of them. */
static uint64_t number(const fdt32_t *cell, int cells)
{
    uint64_t n = 0;

    for (; cells > 0; cells--)
        n = n << 32 | fdt32_to_cpu(*cell++);
    return n;
}

/* Entry (index) of (node)'s reg; false when there is none. */
static bool get_reg(const void *blob, int node, int index,
                    struct dt_region *out)
{
    int parent = fdt_parent_offset(blob, node), len;
    int a = parent < 0 ? parent : fdt_address_cells(blob, parent);
    int s = parent < 0 ? parent : fdt_size_cells(blob, parent);
    const fdt32_t *reg = fdt_getprop(blob, node, "reg", &len);
    uint64_t end;

    if (!reg || a < 1 || a > 2 || s < 1 || s > 2)
        return false;
    if (len / (int)sizeof(*reg) / (a + s) <= index)
        return false;
    reg += (ptrdiff_t)index * (a + s);
    out->start = number(reg, a);
    out->size = number(reg + a, s);
    return out->size > 0 && add_u64(out->start, out->size, &end);
}

/* The id of private interrupt (index) of (node), 0 when there is none. */
static unsigned get_ppi(const void *blob, int node, unsigned index)
{
    int len;
    const fdt32_t *cells = fdt_getprop(blob, node, "interrupts", &len);
    uint32_t n;

    if (!cells || (unsigned)len / sizeof(*cells) / INTERRUPT_CELLS <= index)
        return 0;
    cells += (size_t)INTERRUPT_CELLS * index;
    n = fdt32_to_cpu(cells[1]);
    if (fdt32_to_cpu(cells[0]) != INTERRUPT_PPI || n >= NR_PPIS)
        return 0;
    return FIRST_PPI + n;
}

static int find(const void *blob, const char *compatible)
{
    return fdt_node_offset_by_compatible(blob, -1, compatible);
}

/* The node of (path), of (len) bytes, or of the alias of that name. libfdt would
 * follow an alias that leads to itself for ever. */
static int find_path(const void *blob, const char *path, int len)
{
    const char *alias;

    if (len > 0 && path[0] != '/') {
        alias = fdt_get_alias_namelen(blob, path, len);
        if (!alias || alias[0] != '/')
            return -FDT_ERR_BADPATH;
        return fdt_path_offset(blob, alias);
    }
    return fdt_path_offset_namelen(blob, path, len);
}

/* --- what is wanted even if the rest is bad ------------------------------------ */

static void read_psci(struct device_tree *dt, const void *blob)
{
    int node = find(blob, "arm,psci-1.0"), len;
    const char *method;

    if (node < 0)
        node = find(blob, "arm,psci-0.2");
    method = node < 0 ? NULL : fdt_getprop(blob, node, "method", &len);
    if (!method || len != 4)
        return;
    if (memcmp(method, "hvc", 4) == 0)
        dt->psci = DT_PSCI_HVC;
    else if (memcmp(method, "smc", 4) == 0)
        dt->psci = DT_PSCI_SMC;
}

static void read_uart(struct device_tree *dt, const void *blob)
{
    int chosen = fdt_path_offset(blob, "/chosen"), len, node;
    const char *path =
        chosen < 0 ? NULL : fdt_getprop(blob, chosen, "stdout-path", &len);
    const char *end;
    struct dt_region reg;

    if (!path || len <= 1 || path[len - 1] != '\0')
        return;
    /* Behind a colon there are settings. */
    end = strchr(path, ':');
    node = find_path(blob, path, end ? (int)(end - path) : len - 1);
    if (node >= 0 && fdt_node_check_compatible(blob, node, "arm,pl011") == 0 &&
        get_reg(blob, node, 0, &reg))
        dt->uart = reg.start;
}

/* --- memory ---------------------------------------------------------------------- */

/* One memory node: its banks. */
static bool read_banks(struct device_tree *dt, struct reader *r, int node,
                       struct range image)
{
    struct dt_region bank;
    int i;

    for (i = 0; get_reg(r->blob, node, i, &bank); i++) {
        uint64_t end = bank.start + bank.size;

        if (bank.start <= image.start && end >= image.end)
            r->bank = (struct range){bank.start, end};
        else
            dt->nr_other_banks++;
    }
    return i > 0;
}

static enum dt_error read_memory(struct device_tree *dt, struct reader *r,
                                 struct range image)
{
    static const char type[] = "memory";
    bool any = false;
    int node = -1;

    for (;;) {
        node = fdt_node_offset_by_prop_value(r->blob, node, "device_type", type,
                                             sizeof(type));
        if (node < 0)
            break;
        if (!read_banks(dt, r, node, image))
            return DT_E_MEMORY;
        any = true;
    }
    if (!any)
        return DT_E_MEMORY;
    return r->bank.end != 0 ? DT_OK : DT_E_IMAGE;
}

/* Nodes below /reserved-memory: what a toolstack sets aside by name. */
static bool keep_named(struct reader *r)
{
    int parent = fdt_path_offset(r->blob, "/reserved-memory"), node, i;
    struct dt_region reg;

    if (parent < 0)
        return true;
    for (node = fdt_first_subnode(r->blob, parent); node >= 0;
         node = fdt_next_subnode(r->blob, node)) {
        for (i = 0; get_reg(r->blob, node, i, &reg); i++) {
            if (!ranges_add(&r->kept, reg.start, reg.size))
                return false;
        }
    }
    return true;
}

static enum dt_error read_reserved(struct reader *r)
{
    int n = fdt_num_mem_rsv(r->blob), i;
    uint64_t start, size;

    if (n < 0 || n > MAX_RESERVED / 2)
        return DT_E_BLOB;
    for (i = 0; i < n; i++) {
        if (fdt_get_mem_rsv(r->blob, i, &start, &size) < 0 ||
            !ranges_add(&r->kept, start, size))
            return DT_E_BLOB;
    }
    return keep_named(r) ? DT_OK : DT_E_BLOB;
}

/* A number of 4 or 8 bytes; false when there is none. */
static bool get_number(const void *blob, int node, const char *name,
                       uint64_t *out)
{
    int len;
    const fdt32_t *cells = fdt_getprop(blob, node, name, &len);

    if (!cells || (len != 4 && len != 8))
        return false;
    *out = number(cells, len / 4);
    return true;
}

static enum dt_error read_chosen(struct device_tree *dt, struct reader *r)
{
    int node = fdt_path_offset(r->blob, "/chosen"), len;
    const char *line;
    uint64_t start, end;

    dt->command_line = "";
    if (node < 0)
        return DT_OK;
    line = fdt_getprop(r->blob, node, "bootargs", &len);
    if (line && len > 0 && line[len - 1] == '\0')
        dt->command_line = line;
    if (!get_number(r->blob, node, "linux,initrd-start", &start) ||
        !get_number(r->blob, node, "linux,initrd-end", &end))
        return DT_OK;
    if (end < start || !ranges_add(&r->kept, start, end - start))
        return DT_E_CHOSEN;
    dt->ramdisk = (struct dt_region){start, end - start};
    return DT_OK;
}

static enum dt_error find_free(struct device_tree *dt, struct reader *r,
                               struct range image)
{
    struct range gap;

    if (!ranges_add(&r->kept, (uintptr_t)r->blob, fdt_totalsize(r->blob)))
        return DT_E_BLOB;
    gap = ranges_largest_gap(&r->kept, image.end, r->bank.end, PAGE);
    if (gap.start == gap.end)
        return DT_E_NO_MEMORY;
    dt->free_start = gap.start;
    dt->free_end = gap.end;
    return DT_OK;
}

/* --- devices ------------------------------------------------------------------------ */

static enum dt_error read_xen(struct device_tree *dt, const void *blob)
{
    int node = find(blob, "xen,xen");

    if (node < 0)
        return DT_E_XEN;
    dt->event_interrupt = get_ppi(blob, node, 0);
    if (dt->event_interrupt == 0 || !get_reg(blob, node, 0, &dt->grants))
        return DT_E_XEN_NODE;
    return DT_OK;
}

static enum dt_error read_gic(struct device_tree *dt, const void *blob)
{
    static const struct {
        const char *compatible;
        unsigned version;
    } known[] = {
        {"arm,gic-v3", 3},
        {"arm,gic-400", 2},
        {"arm,cortex-a15-gic", 2},
        {"arm,cortex-a9-gic", 2},
    };
    int node = -1;
    size_t i;

    for (i = 0; i < ARRAY_SIZE(known) && node < 0; i++) {
        node = find(blob, known[i].compatible);
        dt->gic_version = known[i].version;
    }
    if (node < 0 || !get_reg(blob, node, 0, &dt->distributor) ||
        !get_reg(blob, node, 1, &dt->cpu_interface))
        return DT_E_GIC;
    return DT_OK;
}

static enum dt_error read_timer(struct device_tree *dt, const void *blob)
{
    int node = find(blob, "arm,armv8-timer");

    if (node < 0)
        node = find(blob, "arm,armv7-timer");
    dt->timer_interrupt = node < 0 ? 0 : get_ppi(blob, node, VIRTUAL_TIMER);
    return dt->timer_interrupt ? DT_OK : DT_E_TIMER;
}

static enum dt_error read_devices(struct device_tree *dt, const void *blob)
{
    enum dt_error e = read_xen(dt, blob);

    if (e == DT_OK)
        e = read_gic(dt, blob);
    return e == DT_OK ? read_timer(dt, blob) : e;
}

enum dt_error dt_read(struct device_tree *dt, const void *blob, size_t room,
                      uint64_t image_start, uint64_t image_end)
{
    struct range image = {image_start, image_end};
    struct reader r = {.blob = blob};
    enum dt_error e;

    memset(dt, 0, sizeof(*dt));
    r.kept = (struct ranges){.at = r.kept_at, .max = MAX_KEPT};
    if (room < sizeof(struct fdt_header) || fdt_check_header(blob) != 0 ||
        fdt_totalsize(blob) > room || !is_whole(blob))
        return DT_E_BLOB;
    read_psci(dt, blob);
    read_uart(dt, blob);
    dt->is_xen = find(blob, "xen,xen") >= 0;
    e = read_memory(dt, &r, image);
    if (e == DT_OK)
        e = read_reserved(&r);
    if (e == DT_OK)
        e = read_chosen(dt, &r);
    if (e == DT_OK)
        e = find_free(dt, &r, image);
    return e == DT_OK ? read_devices(dt, blob) : e;
}

const char *dt_strerror(enum dt_error e)
{
    static const char *const text[] = {
        [DT_OK] = "no error",
        [DT_E_BLOB] = "not a device tree, or cut off",
        [DT_E_MEMORY] = "no memory node",
        [DT_E_IMAGE] = "the image does not lie in one bank of memory",
        [DT_E_NO_MEMORY] = "no memory is free behind the image",
        [DT_E_XEN] = "no node \"xen,xen\": this is not a Xen domain",
        [DT_E_XEN_NODE] = "\"xen,xen\" lacks grant region or interrupt",
        [DT_E_GIC] = "no interrupt controller of GIC version 2 or 3",
        [DT_E_TIMER] = "no virtual timer",
        [DT_E_CHOSEN] = "the ramdisk ends in front of its start",
    };

    return (unsigned)e < ARRAY_SIZE(text) ? text[e] : "unknown error";
}
