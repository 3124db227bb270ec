/* SPDX-License-Identifier: ISC */
/* hvm_start_info: as Xen writes it, and with numbers nobody should believe. */
#include <pvh/start_info.h>
#include <stdlib.h>
#include <tap.h>
#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>

#define MIB ((uint64_t)1 << 20)

/* Where Xen's builder puts things: behind the image, packed. */
#define IMAGE_START (1 * MIB)
#define IMAGE_END   (IMAGE_START + 0x31000)
#define INFO        IMAGE_END
#define MAP         (INFO + 0x100)
#define MODULES     (INFO + 0x200)
#define LINE        (INFO + 0x800)
#define RAM_END     (32 * MIB)

/* What a reader can see is [INFO, INFO + SEEN). */
#define SEEN 0x1000u

struct memory {
    unsigned char *bytes; /* SEEN of them: the sanitiser guards the end */
    struct hvm_start_info *info;
    struct hvm_memmap_table_entry *map;
    struct hvm_modlist_entry *modules;
    char *line;
};

static const void *view(void *arg, uint64_t address, uint64_t len)
{
    const struct memory *m = arg;

    if (address < INFO || address - INFO > SEEN ||
        len > SEEN - (address - INFO))
        return NULL;
    return m->bytes + (address - INFO);
}

static struct memory make(void)
{
    struct memory m = {.bytes = calloc(1, SEEN)};

    m.info = (void *)m.bytes;
    m.map = (void *)(m.bytes + (MAP - INFO));
    m.modules = (void *)(m.bytes + (MODULES - INFO));
    m.line = (char *)m.bytes + (LINE - INFO);
    *m.info = (struct hvm_start_info){
        .magic = XEN_HVM_START_MAGIC_VALUE,
        .version = 1,
        .cmdline_paddr = LINE,
        .memmap_paddr = MAP,
        .memmap_entries = 2,
    };
    memcpy(m.line, "a b", sizeof("a b"));
    m.map[0] = (struct hvm_memmap_table_entry){.size = RAM_END,
                                               .type = XEN_HVM_MEMMAP_TYPE_RAM};
    m.map[1] = (struct hvm_memmap_table_entry){
        .addr = 0xfc000000, .size = 0x9000, .type = XEN_HVM_MEMMAP_TYPE_ACPI};
    return m;
}

static enum pvh_error read_start(struct memory *m, struct pvh_start *s)
{
    memset(s, 0, sizeof(*s));
    return pvh_read_start(s, INFO, IMAGE_START, IMAGE_END, view, m);
}

/* The error that reading (m) gives, as text; frees (m). */
static const char *error_of(struct memory m)
{
    struct pvh_start s;
    enum pvh_error e = read_start(&m, &s);

    free(m.bytes);
    return pvh_strerror(e);
}

static void test_plain(void)
{
    struct memory m = make();
    struct pvh_start s;

    is_int(read_start(&m, &s), PVH_OK, "as Xen writes it");
    is_str(s.command_line, "a b", "command line");
    is_int(s.free_start, IMAGE_END + 0x1000, "free from the page behind");
    is_int(s.free_end, RAM_END, "to the end of RAM");

    m.info->cmdline_paddr = 0;
    is_int(read_start(&m, &s), PVH_OK, "no command line");
    is_str(s.command_line, "", "is an empty one");

    m.map[0].size = RAM_END + 0x234;
    is_int(read_start(&m, &s), PVH_OK, "an odd end of RAM");
    is_int(s.free_end, RAM_END, "is rounded down");
    free(m.bytes);
}

static void test_modules(void)
{
    struct memory m = make();
    struct pvh_start s;

    m.info->nr_modules = 2;
    m.info->modlist_paddr = MODULES;
    m.modules[0].paddr = INFO + SEEN;
    m.modules[0].size = 3 * MIB + 5;
    is_int(read_start(&m, &s), PVH_OK, "a module behind start_info");
    is_int(s.free_start, INFO + SEEN + 3 * MIB + 0x1000, "is not free memory");
    is_int(s.free_end, RAM_END, "what is behind it is");

    m.modules[1].paddr = RAM_END - 2 * MIB;
    m.modules[1].size = 2 * MIB;
    is_int(read_start(&m, &s), PVH_OK, "and one at the end of RAM");
    is_int(s.free_end, RAM_END - 2 * MIB, "nor is that");

    m.modules[0].paddr = RAM_END / 2;
    is_int(read_start(&m, &s), PVH_OK, "one in the middle");
    is_int(s.free_start, IMAGE_END + 0x1000, "the larger part in front of it");
    is_int(s.free_end, RAM_END / 2, "is taken");

    m.modules[0].paddr = 10 * MIB;
    is_int(read_start(&m, &s), PVH_OK, "or, where that is larger,");
    is_int(s.free_start, 13 * MIB + 0x1000, "the part behind");

    m.modules[0].paddr = IMAGE_START;
    m.modules[0].size = RAM_END;
    is_str(error_of(m), "no memory is free behind the image", "all of RAM");
}

static void test_bad_modules(void)
{
    struct memory m = make();

    m.info->nr_modules = 33;
    m.info->modlist_paddr = MODULES;
    is_str(error_of(m), "bad list of modules", "too many modules");
    m = make();
    m.info->nr_modules = UINT32_MAX;
    is_str(error_of(m), "bad list of modules", "far too many");
    m = make();
    m.info->nr_modules = 1;
    m.info->modlist_paddr = INFO + SEEN - 8;
    is_str(error_of(m), "it points outside of memory", "a list cut off");
    m = make();
    m.info->nr_modules = 1;
    m.info->modlist_paddr = UINT64_MAX - 8;
    is_str(error_of(m), "it points outside of memory", "a list that wraps");
    m = make();
    m.info->nr_modules = 1;
    m.info->modlist_paddr = MODULES;
    m.modules[0].paddr = 2 * MIB;
    m.modules[0].size = UINT64_MAX;
    is_str(error_of(m), "bad list of modules", "a module that wraps");
}

static void test_bad_info(void)
{
    struct memory m = make();
    struct pvh_start s;
    uint32_t i;

    m.info->magic++;
    is_str(error_of(m), "wrong magic number", "magic");
    m = make();
    is_int(pvh_read_start(&s, UINT64_MAX - 4, IMAGE_START, IMAGE_END, view, &m),
           PVH_E_UNREADABLE, "start_info that wraps");
    is_int(
        pvh_read_start(&s, INFO + SEEN - 8, IMAGE_START, IMAGE_END, view, &m),
        PVH_E_UNREADABLE, "start_info cut off");
    m.info->cmdline_paddr = 8;
    is_str(error_of(m), "it points outside of memory", "command line");
    m = make();
    memset(m.line, 'x', SEEN - (LINE - INFO));
    is_str(error_of(m), "the command line is too long", "1,024 characters");
    m = make();
    m.info->cmdline_paddr = INFO + SEEN - 16;
    memset(m.bytes + SEEN - 16, 'x', 16);
    is_str(error_of(m), "it points outside of memory", "runs out of memory");
    m = make();
    for (i = 0; i < 1023; i++)
        m.line[i] = 'x';
    is_str(error_of(m), "no error", "1,023 characters");
}

static void test_bad_map(void)
{
    struct memory m = make();

    m.info->version = 0;
    is_str(error_of(m), "there is no memory map", "version 0");
    m = make();
    m.info->memmap_entries = 0;
    is_str(error_of(m), "there is no memory map", "no entries");
    m = make();
    m.info->memmap_entries = UINT32_MAX;
    is_str(error_of(m), "bad memory map", "too many entries");
    m = make();
    m.info->memmap_paddr = INFO + SEEN - 8;
    is_str(error_of(m), "it points outside of memory", "a map cut off");
    m = make();
    m.map[1].size = UINT64_MAX;
    is_str(error_of(m), "bad memory map", "an entry that wraps");
    m = make();
    m.map[0].type = XEN_HVM_MEMMAP_TYPE_RESERVED;
    is_str(error_of(m), "the image does not lie in RAM", "no RAM at all");
    m = make();
    m.map[0].size = IMAGE_END - 1;
    is_str(error_of(m), "the image does not lie in RAM", "RAM ends too early");
    m = make();
    m.map[0].addr = IMAGE_START + 1;
    is_str(error_of(m), "the image does not lie in RAM", "RAM begins too late");
    m = make();
    m.map[0].size = IMAGE_END;
    is_str(error_of(m), "no memory is free behind the image", "no more RAM");
}

/* Nothing says that the tables are aligned. */
static void test_odd(void)
{
    struct memory m = make();
    struct pvh_start s;

    memmove((char *)m.map + 3, m.map, 2 * sizeof(*m.map));
    m.info->memmap_paddr += 3;
    m.info->nr_modules = 1;
    m.info->modlist_paddr = MODULES + 5;
    memset((char *)m.modules + 5, 0, sizeof(*m.modules));
    memmove(m.bytes + 1, m.bytes, sizeof(*m.info));
    is_int(pvh_read_start(&s, INFO + 1, IMAGE_START, IMAGE_END, view, &m),
           PVH_OK, "all at odd addresses");
    is_int(s.free_end, RAM_END, "read the same");
    free(m.bytes);
}

/* Reserved memory inside of what is said to be RAM. */
static void test_overlap(void)
{
    struct memory m = make();
    struct pvh_start s;

    m.map[1].addr = 16 * MIB;
    m.map[1].size = RAM_END;
    is_int(read_start(&m, &s), PVH_OK, "a hole in RAM");
    is_int(s.free_end, 16 * MIB, "ends what is free");
    free(m.bytes);
}

int main(void)
{
    test_plain();
    test_modules();
    test_bad_modules();
    test_bad_info();
    test_bad_map();
    test_odd();
    test_overlap();
    return tap_done();
}
