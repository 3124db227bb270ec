/* SPDX-License-Identifier: ISC */
/* What Xen's toolstack and QEMU put into device trees, and what else could be in
 * there. */
#include <devicetree/devicetree.h>
#include <stdbool.h>
#include <string.h>
#include <tap.h>

#include "tree.h"

#define IMAGE_START 0x40000000ull
#define IMAGE_END   0x40035000ull

/* What a tree has, or lacks. */
struct kind {
    bool no_memory, no_xen, no_grants, no_event, no_timer, bad_ramdisk;
    bool alias, alias_loop;
    bool spi_event, two_banks, elsewhere, full, uart, ramdisk;
    const char *gic, *psci_method;
};

static struct tree t;
static struct device_tree dt;

static void add_memory(const struct kind *k)
{
    uint32_t start = k->elsewhere ? 0x80000000u : 0x40000000u;

    tree_node(&t, "memory@40000000");
    tree_text(&t, "device_type", "memory");
    if (k->two_banks)
        tree_cells(&t, "reg", 8, 0, start, 0, 0x2000000, 2, 0, 0, 0x4000000);
    else
        tree_cells(&t, "reg", 4, 0, start, 0, k->full ? 0x35000 : 0x2000000);
    tree_end(&t);
}

static void add_chosen(const struct kind *k)
{
    tree_node(&t, "chosen");
    tree_text(&t, "bootargs", "one 'two three'");
    if (k->uart)
        tree_text(&t, "stdout-path",
                  k->alias ? "serial0:115200n8" : "/pl011@9000000:115200n8");
    if (k->ramdisk || k->bad_ramdisk) {
        tree_cells(&t, "linux,initrd-start", 2, 0, 0x41000000);
        tree_cells(&t, "linux,initrd-end", 2, 0,
                   k->bad_ramdisk ? 0x40ffffff : 0x41800000);
    }
    tree_end(&t);
}

static void add_devices(const struct kind *k)
{
    tree_node(&t, "interrupt-controller@3001000");
    tree_text(&t, "compatible", k->gic ? k->gic : "arm,gic-v3");
    tree_cells(&t, "reg", 8, 0, 0x3001000, 0, 0x10000, 0, 0x3020000, 0,
               0x1000000);
    tree_end(&t);
    if (k->alias) {
        tree_node(&t, "aliases");
        tree_text(&t, "serial0", k->alias_loop ? "serial0" : "/pl011@9000000");
        tree_end(&t);
    }
    if (!k->no_timer) {
        tree_node(&t, "timer");
        tree_text(&t, "compatible", "arm,armv8-timer");
        tree_cells(&t, "interrupts", 9, 1, 13, 0xf08, 1, 14, 0xf08, 1, 11,
                   0xf08);
        tree_end(&t);
    }
    tree_node(&t, "psci");
    tree_text(&t, "compatible", "arm,psci-1.0");
    tree_text(&t, "method", k->psci_method ? k->psci_method : "hvc");
    tree_end(&t);
    if (k->uart) {
        tree_node(&t, "pl011@9000000");
        tree_text(&t, "compatible", "arm,pl011");
        tree_cells(&t, "reg", 4, 0, 0x9000000, 0, 0x1000);
        tree_end(&t);
    }
    if (!k->no_xen) {
        tree_node(&t, "hypervisor");
        tree_text(&t, "compatible", "xen,xen");
        if (!k->no_grants)
            tree_cells(&t, "reg", 4, 0, 0x38000000, 0, 0x1000000);
        if (!k->no_event)
            tree_cells(&t, "interrupts", 3, k->spi_event ? 0 : 1, 15, 0xf08);
        tree_end(&t);
    }
}

static size_t make(const struct kind *k)
{
    tree_init(&t);
    tree_node(&t, "");
    tree_cells(&t, "#address-cells", 1, 2);
    tree_cells(&t, "#size-cells", 1, 2);
    if (!k->no_memory)
        add_memory(k);
    add_chosen(k);
    add_devices(k);
    tree_end(&t);
    return tree_finish(&t);
}

static enum dt_error read(size_t room)
{
    return dt_read(&dt, t.blob, room, IMAGE_START, IMAGE_END);
}

static enum dt_error read_kind(struct kind k)
{
    return read(make(&k));
}

static void test_domain(void)
{
    is_int(read_kind((struct kind){.ramdisk = true}), DT_OK, "a domain's tree");
    is_int(dt.is_xen, true, "is Xen's");
    is_int(dt.gic_version, 3, "version of the GIC");
    is_int(dt.distributor.start, 0x3001000, "its distributor");
    is_int(dt.cpu_interface.size, 0x1000000, "its redistributors");
    is_int(dt.event_interrupt, 31, "interrupt of events");
    is_int(dt.timer_interrupt, 27, "of the virtual timer");
    is_int(dt.grants.start, 0x38000000, "where grants may be put");
    is_int(dt.grants.size, 0x1000000, "and how many");
    is_int(dt.psci, DT_PSCI_HVC, "PSCI's conduit");
    is_str(dt.command_line, "one 'two three'", "command line");
    is_int(dt.ramdisk.start, 0x41000000, "ramdisk");
    is_int(dt.ramdisk.size, 0x800000, "and its size");
    is_int(dt.free_start, IMAGE_END, "free is what lies behind the image");
    is_int(dt.free_end, 0x41000000, "up to the ramdisk");
    is_int(dt.uart, 0, "there is no UART");
    is_int(read(TREE_BYTES), DT_OK, "more room than its size is fine");
}

static void test_variants(void)
{
    is_int(read_kind((struct kind){.gic = "arm,cortex-a15-gic"}), DT_OK,
           "an older GIC");
    is_int(dt.gic_version, 2, "is version 2");
    is_int(read_kind((struct kind){.psci_method = "smc"}), DT_OK,
           "another conduit");
    is_int(dt.psci, DT_PSCI_SMC, "is smc");
    is_int(read_kind((struct kind){.psci_method = "abc"}), DT_OK,
           "an unknown one");
    is_int(dt.psci, DT_NO_PSCI, "is none");
    is_int(read_kind((struct kind){.two_banks = true}), DT_OK, "two banks");
    is_int(dt.nr_other_banks, 1, "one is not used");
    is_int(dt.free_end, 0x42000000, "the one with the image is");
    is_int(read_kind((struct kind){.uart = true}), DT_OK, "a UART");
    is_int(dt.uart, 0x9000000, "at its address");
    is_int(read_kind((struct kind){.uart = true, .alias = true}), DT_OK,
           "one that has another name");
    is_int(dt.uart, 0x9000000, "is the same");
    is_int(read_kind(
               (struct kind){.uart = true, .alias = true, .alias_loop = true}),
           DT_OK, "a name that leads to itself");
    is_int(dt.uart, 0, "is nobody's");
}

static void test_reserved(void)
{
    struct kind k = {0};

    make(&k);
    tree_init(&t);
    tree_reserve(&t, 0x40800000, 0x1000);
    tree_node(&t, "");
    tree_cells(&t, "#address-cells", 1, 2);
    tree_cells(&t, "#size-cells", 1, 2);
    add_memory(&k);
    add_devices(&k);
    tree_node(&t, "reserved-memory");
    tree_cells(&t, "#address-cells", 1, 2);
    tree_cells(&t, "#size-cells", 1, 2);
    tree_node(&t, "shared@40c00000");
    tree_cells(&t, "reg", 4, 0, 0x40c00000, 0, 0x1000);
    tree_end(&t);
    tree_end(&t);
    tree_end(&t);
    is_int(read(tree_finish(&t)), DT_OK, "reserved memory, nothing chosen");
    is_int(dt.free_start, 0x40c01000, "the largest part is free");
    is_str(dt.command_line, "", "the command line is empty");
}

static void test_refused(void)
{
    static const struct {
        struct kind kind;
        enum dt_error error;
        const char *name;
    } refused[] = {
        {{.no_memory = true}, DT_E_MEMORY, "no memory"},
        {{.elsewhere = true}, DT_E_IMAGE, "memory elsewhere"},
        {{.full = true}, DT_E_NO_MEMORY, "nothing free"},
        {{.bad_ramdisk = true}, DT_E_CHOSEN, "a ramdisk of negative size"},
        {{.no_xen = true}, DT_E_XEN, "no Xen node"},
        {{.no_grants = true}, DT_E_XEN_NODE, "no grant region"},
        {{.no_event = true}, DT_E_XEN_NODE, "no interrupt for events"},
        {{.spi_event = true}, DT_E_XEN_NODE, "one that is not private"},
        {{.gic = "arm,gic-v9"}, DT_E_GIC, "an unknown GIC"},
        {{.no_timer = true}, DT_E_TIMER, "no timer"},
    };
    size_t i;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        is_int(read_kind(refused[i].kind), refused[i].error, "%s: %s",
               refused[i].name, dt_strerror(refused[i].error));
    is_int(read_kind((struct kind){.no_xen = true, .uart = true}), DT_E_XEN,
           "no Xen node, but a UART");
    is_int(dt.uart, 0x9000000, "which can be used to say so");
}

/* Every prefix, with and without a header that says that it is one. */
static void test_cut(void)
{
    struct kind k = {.ramdisk = true, .uart = true};
    size_t size = make(&k), n, bad = 0;

    for (n = 0; n < size; n++)
        bad += read(n) != DT_E_BLOB;
    is_int(bad, 0, "less room than the header says");
    for (n = 0; n < size; n++) {
        uint32_t cut = __builtin_bswap32((uint32_t)n);

        make(&k);
        memcpy(t.blob + 4, &cut, sizeof(cut));
        memset(t.blob + n, 0xff, size - n);
        bad += read(n) == DT_OK;
    }
    is_int(bad, 0, "cut off at each byte");
    memset(t.blob, 0, sizeof(t.blob));
    is_int(read(sizeof(t.blob)), DT_E_BLOB, "zeroes");
    is_int(read(40), DT_E_BLOB, "as many as a header has, too");
    is_str(dt_strerror((enum dt_error)99), "unknown error", "a wrong number");
}

int main(void)
{
    test_domain();
    test_variants();
    test_reserved();
    test_refused();
    test_cut();
    return tap_done();
}
