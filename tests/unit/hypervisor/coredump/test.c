/* SPDX-License-Identifier: ISC */
/* Page tables of all sorts, and the headers that come out. */

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/user.h>
#include <coredump/coredump.h>
#include "tap.h"

#define P  1ull
#define RW 3ull
#define NX 0x8000000000000000ull
#define PS 0x80ull

#define NR_TABLES 16
#define NR_FRAMES 64u

/* Frames 0 .. NR_TABLES-1 are tables, the rest data. */
static uint64_t tables[NR_TABLES][CORE_ENTRIES];
static unsigned long reads;

static bool read_table(void *arg, uint64_t mfn, uint64_t entries[CORE_ENTRIES])
{
    (void)arg;
    reads++;
    if (mfn >= NR_TABLES)
        return false;
    memcpy(entries, tables[mfn], sizeof(tables[mfn]));
    return true;
}

static struct core_run runs[256];
static bool cut;

static size_t find(uint64_t cr3, size_t max)
{
    const struct core_tables t = {
        .read = read_table,
        .cr3_mfn = cr3,
        .nr_frames = NR_FRAMES,
    };

    reads = 0;
    return core_find_runs(&t, runs, max, &cut);
}

/* L4 0, L3 1, L2 2, L1 3: maps the first 2 MiB. */
static void simple(void)
{
    memset(tables, 0, sizeof(tables));
    tables[0][0] = 1ull << 12 | RW;
    tables[1][0] = 2ull << 12 | RW;
    tables[2][0] = 3ull << 12 | RW;
}

static void map(unsigned l1, unsigned i, uint64_t mfn, uint64_t flags)
{
    tables[l1][i] = mfn << 12 | flags;
}

static void test_runs(void)
{
    simple();
    map(3, 4, 20, P);
    map(3, 5, 21, P);
    map(3, 6, 22, RW | NX);    /* other rights */
    map(3, 7, 40, RW | NX);    /* another frame */
    map(3, 9, 41, RW | NX);    /* behind a gap */
    map(3, 10, NR_FRAMES, RW); /* no such frame */
    is_int(find(0, 256), 4, "runs");
    ok(!cut, "that is all of it");
    is_int(runs[0].va, 0x4000, "the first begins");
    is_int(runs[0].nr, 2, "with two pages");
    ok(runs[0].x && !runs[0].w, "of text");
    ok(runs[1].w && !runs[1].x, "then data");
    is_int(runs[2].mfn, 40, "from elsewhere");
    is_int(runs[3].va, 0x9000, "behind a gap");
    is_int(find(0, 2), 2, "no more than there is room for");
    ok(cut, "which is said");
}

static void test_rights(void)
{
    simple();
    map(3, 0, 20, RW);
    tables[1][0] = 2ull << 12 | P | NX;
    is_int(find(0, 256), 1, "one page");
    ok(!runs[0].w && !runs[0].x, "with the rights that all tables allow");
    tables[0][0] = 0;
    tables[0][511] = 1ull << 12 | RW;
    is_int(find(0, 256), 1, "in the upper half");
    is_int(runs[0].va, 0xffffff8000000000ull, "whose addresses are extended");
}

static void test_odd_tables(void)
{
    simple();
    tables[2][1] = 4ull << 12 | RW | PS;
    map(3, 0, 20, RW);
    is_int(find(0, 256), 1, "a large page is left out");
    ok(cut, "and said to be");
    simple();
    tables[1][3] = 1000ull << 12 | RW;
    map(3, 0, 20, RW);
    is_int(find(0, 256), 1, "a table that is not there, too");
    ok(cut, "and said to be");
    is_int(find(NR_TABLES, 256), 0, "no tables at all");
    ok(cut, "said as well");
}

/* Every entry of every table leads back to the table. */
static void test_circle(void)
{
    memset(tables, 0, sizeof(tables));
    for (unsigned i = 0; i < CORE_ENTRIES; i++)
        tables[0][i] = RW;
    is_int(find(0, 256), 128, "a circle: only so many pages");
    ok(cut, "said");
    ok(reads <= NR_FRAMES / 128 + 4096, "and only so many tables: %lu", reads);
}

static const struct core_meta meta = {
    .regs =
        {.rip = 0x101010, .rsp = 0x7000, .rbp = 0x7008, .r15 = 15, .rdi = 7},
    .signal = 11,
    .domid = 42,
    .program = "image.elf",
    .name = "guest",
    .args = "--loop 5",
};

/* Fills (buf) with the headers of two runs; against the system's own headers. */
static void test_headers(void)
{
    const struct core_run two[] = {
        {.va = 0x100000, .mfn = 0x100, .nr = 3, .x = true},
        {.va = 0x200000, .mfn = 0x7, .nr = 1, .w = true},
    };
    size_t size = core_header_size(2);
    uint8_t *buf = calloc(1, size);
    const Elf64_Ehdr *h = (const void *)buf;
    const Elf64_Phdr *p = (const void *)(buf + sizeof(*h));
    const uint8_t *note;
    struct elf_prstatus st;
    struct elf_prpsinfo info;
    struct user_regs_struct regs;

    is_int(size, 4096, "one page of headers");
    is_int(core_file_size(two, 2), 5 * 4096, "and four of memory");
    core_fill_header(&meta, two, 2, buf);
    ok(!memcmp(h->e_ident, ELFMAG, SELFMAG), "ELF");
    is_int(h->e_type, ET_CORE, "a core");
    is_int(h->e_machine, EM_X86_64, "of the right machine");
    is_int(h->e_phnum, 3, "three headers");
    is_int(p[0].p_type, PT_NOTE, "the notes");
    is_int(p[1].p_offset, 4096, "the first run's place");
    is_int(p[1].p_vaddr, 0x100000, "its address");
    is_int(p[1].p_filesz, 3 * 4096, "its size");
    is_int(p[1].p_flags, PF_R | PF_X, "its rights");
    is_int(p[2].p_offset, 4 * 4096, "the second follows");
    is_int(p[2].p_flags, PF_R | PF_W, "with its own rights");
    note = buf + p[0].p_offset;
    is_int(((const Elf64_Nhdr *)(const void *)note)->n_descsz, sizeof(st),
           "registers");
    memcpy(&st, note + 20, sizeof(st));
    memcpy(&regs, st.pr_reg, sizeof(regs));
    is_int(st.pr_cursig, 11, "the signal");
    is_int(st.pr_pid, 42, "the domain");
    is_int(regs.rip, 0x101010, "rip");
    is_int(regs.rsp, 0x7000, "rsp");
    is_int(regs.rbp, 0x7008, "rbp");
    is_int(regs.r15, 15, "r15");
    is_int(regs.rdi, 7, "rdi");
    memcpy(&info, note + 20 + sizeof(st) + 20, sizeof(info));
    is_str(info.pr_psargs, "guest --loop 5", "name and arguments");
    is_str(info.pr_fname, "image.elf", "the image");
    free(buf);
}

static void test_long_texts(void)
{
    size_t size = core_header_size(CORE_MAX_RUNS);
    struct core_run *many = calloc(CORE_MAX_RUNS, sizeof(*many));
    uint8_t *buf = calloc(1, size);
    struct core_meta m = meta;
    char text[200];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    m.name = m.args = m.program = text;
    ok(size % CORE_PAGE == 0, "whole pages");
    core_fill_header(&m, many, CORE_MAX_RUNS, buf);
    is_int(((const Elf64_Ehdr *)(const void *)buf)->e_phnum, CORE_MAX_RUNS + 1,
           "as many runs as possible, and texts that do not fit");
    free(buf);
    free(many);
}

int main(void)
{
    test_runs();
    test_rights();
    test_odd_tables();
    test_circle();
    test_headers();
    test_long_texts();
    return tap_done();
}
