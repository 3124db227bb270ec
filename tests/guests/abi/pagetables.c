/* SPDX-License-Identifier: ISC */
/* Page tables: what the guest changes by hypercall is what it then sees. */

#include "abi.h"
#include <base/string.h>
#include <minios/memory.h>
#include <xen/version.h>

#define PTE_RW 0x8000000000000067ull /* present, writable, user, NX        */
#define PTE_RO 0x8000000000000065ull

#define PTE_FRAME_AND_RW 0x800ffffffffff003ull

static long set_page(void *va, uint64_t pte)
{
    return call_page(__HYPERVISOR_update_va_mapping, va_of(va), pte,
                     UVMF_INVLPG, 0);
}

static uint64_t frame_bits(const void *page)
{
    return mfn_of(page) << 12;
}

/* Whether Xen can write through (va): a probe that cannot trap. */
static long probe_write(void *va)
{
    return call_page(__HYPERVISOR_xen_version, XENVER_extraversion, va_of(va),
                     0, 0);
}

/* Fresh every time: the compiler must not remember what was there. */
static char peek(const void *page)
{
    return *(const volatile char *)page;
}

static void remap(void)
{
    char *a = page_alloc(0), *b = page_alloc(0);

    memset(a, 'a', 4096);
    memset(b, 'b', 4096);
    check_is(set_page(a, frame_bits(b) | PTE_RW), 0, "map b's frame at a");
    check(peek(a) == 'b', "a now reads as b");
    *(volatile char *)a = 'c';
    check(peek(b) == 'c', "a write at a is seen at b");
    check_is(set_page(a, frame_bits(a) | PTE_RO), 0, "map a again, read-only");
    check(peek(a) == 'a', "a reads as before");
    check_is(probe_write(a), -XEN_EFAULT, "a read-only page is not written");
    check_is(set_page(a, 0), 0, "unmap a");
    check_is(probe_write(a), -XEN_EFAULT, "an unmapped page is not written");
    check_is(set_page(a, frame_bits(a) | PTE_RW), 0, "map a read-write");
    check_is(probe_write(a), 0, "now it is");
    check(set_page(a, (1ull << 39) | PTE_RW) < 0,
          "a frame beyond all memory is refused");
    page_free(a, 0);
    page_free(b, 0);
}

/* The table of level (want) that maps (va), and the index in it, by our own
 * tables. */
static uint64_t *find_table(const void *va, unsigned want, unsigned *index)
{
    uint64_t *t = (uint64_t *)x86_start_info->pt_base;
    unsigned level;

    for (level = 4; level > want; level--) {
        uint64_t e = t[va_of(va) >> (12 + 9 * (level - 1)) & 511];
        const unsigned long *p2m =
            (const unsigned long *)x86_start_info->mfn_list;
        uint64_t mfn = (e & 0x000ffffffffff000ull) >> 12, pfn;

        /* Frames to addresses: the list has no inverse, so look. */
        for (pfn = 0; pfn < x86_start_info->nr_pages && p2m[pfn] != mfn; pfn++)
            ;
        t = (uint64_t *)(pfn << 12);
    }
    *index = (unsigned)(va_of(va) >> (12 + 9 * (want - 1)) & 511);
    return t;
}

static uint64_t *find_l1(const void *va, unsigned *index)
{
    return find_table(va, 1, index);
}

static long write_entry(uint64_t *l1, unsigned index, uint64_t val)
{
    mmu_update_t u;
    uint32_t done = 0;
    long rc;

    u.ptr = (mfn_of(l1) << 12) + (uint64_t)index * 8 + MMU_NORMAL_PT_UPDATE;
    u.val = val;
    rc = call_page(__HYPERVISOR_mmu_update, va_of(&u), 1, va_of(&done),
                   DOMID_SELF);
    return rc ? rc : done == 1 ? 0 : -1;
}

/* mmu_update promises no more than the write; stale translations are ours. */
static long forget(const void *va)
{
    struct mmuext_op op;

    memset(&op, 0, sizeof op);
    op.cmd = MMUEXT_INVLPG_LOCAL;
    op.arg1.linear_addr = va_of(va);
    return call_page(__HYPERVISOR_mmuext_op, va_of(&op), 1, 0, DOMID_SELF);
}

static void by_mmu_update(void)
{
    char *a = page_alloc(0), *b = page_alloc(0);
    unsigned index;
    uint64_t *l1 = find_l1(a, &index), old = l1[index];

    memset(a, 'a', 4096);
    memset(b, 'b', 4096);
    check_is(write_entry(l1, index, frame_bits(b) | PTE_RW), 0,
             "mmu_update points a's entry at b");
    check_is(forget(a), 0, "invlpg");
    check(peek(a) == 'b', "a reads as b");
    /* Xen and the CPU may set bits of their own. */
    check((((volatile uint64_t *)l1)[index] & PTE_FRAME_AND_RW) ==
              (frame_bits(b) | (PTE_RW & PTE_FRAME_AND_RW)),
          "the table shows the new entry");
    check_is(write_entry(l1, index, 0), 0, "mmu_update clears it");
    forget(a);
    check_is(probe_write(a), -XEN_EFAULT, "a is gone");
    check_is(write_entry(l1, index, old), 0, "mmu_update restores it");
    forget(a);
    check(peek(a) == 'a', "a reads as before");
    page_free(a, 0);
    page_free(b, 0);
}

/* One L1 table at two addresses: what changes, changes at both. */
static void two_hooks(void)
{
    char *a = page_alloc(0), *alias;
    unsigned i1, i2, free_slot = 0;
    uint64_t *l1 = find_l1(a, &i1), *l2 = find_table(a, 2, &i2);
    uint64_t old = l1[i1];

    while (free_slot < 512 && l2[free_slot])
        free_slot++;
    alias =
        (char *)((va_of(a) & ((1ull << 21) - 1)) | (uint64_t)free_slot << 21);
    *a = 'a';
    check_is(write_entry(l2, free_slot, l2[i2]), 0, "hook an L1 table again");
    forget(alias);
    check(peek(alias) == 'a', "its page is there twice");
    check_is(set_page(a, 0), 0, "unmap it at one address");
    forget(alias);
    check_is(probe_write(alias), -XEN_EFAULT, "it is gone at the other");
    check_is(set_page(a, old), 0, "map it again");
    check(peek(alias) == 'a', "it is back at the other");
    check_is(write_entry(l2, free_slot, 0), 0, "unhook");
    forget(alias);
    check_is(probe_write(alias), -XEN_EFAULT, "it is gone there");
    page_free(a, 0);
}

/* Pages of tables are not cleared or copied over, and what cannot be mapped is
 * not pretended to be. */
static void refused(void)
{
    char *a = page_alloc(0);
    unsigned i;
    uint64_t *l1 = find_l1(a, &i);
    uint64_t *l4 = (uint64_t *)x86_start_info->pt_base;
    struct mmuext_op op;
    char *high = (char *)(va_of(a) + (250ull << 39));

    memset(&op, 0, sizeof op);
    op.cmd = MMUEXT_CLEAR_PAGE;
    op.arg1.mfn = mfn_of(l1);
    check(call_page(__HYPERVISOR_mmuext_op, va_of(&op), 1, 0, DOMID_SELF) < 0,
          "clear_page of a page table is refused");
    op.cmd = MMUEXT_COPY_PAGE;
    op.arg2.src_mfn = mfn_of(a);
    check(call_page(__HYPERVISOR_mmuext_op, va_of(&op), 1, 0, DOMID_SELF) < 0,
          "so is copy_page");
    *a = 'a';
    op.cmd = MMUEXT_CLEAR_PAGE;
    op.arg1.mfn = mfn_of(a);
    check(set_page(a, 0) == 0 && /* Xen wants no mapping of another type */
              call_page(__HYPERVISOR_mmuext_op, va_of(&op), 1, 0, DOMID_SELF) ==
                  0 &&
              set_page(a, frame_bits(a) | PTE_RW) == 0 && peek(a) == 0,
          "clear_page of another page is not");
    if (write_entry(l4, 250, l4[0]) == 0) {
        check(peek(high) == 0, "addresses near the top can be mapped");
        check_is(write_entry(l4, 250, 0), 0, "and unmapped");
        forget(high);
    } else {
        check(true, "addresses near the top are refused");
        check(set_page(high, frame_bits(a) | PTE_RW) < 0, "by both calls");
    }
    page_free(a, 0);
}

/* Read-only data belongs to all guests of an image; making it writable must
 * give us a copy of our own. */
static const char shared_text[4096] __attribute__((aligned(4096))) = "shared";

static void own_copy(void)
{
    char *p = (char *)(uintptr_t)shared_text;

    check_is(set_page(p, frame_bits(p) | PTE_RW), 0,
             "map read-only data read-write");
    check(peek(p) == 's', "it still reads as linked");
    *(volatile char *)p = 'S';
    check(peek(p) == 'S', "and can be written");
    check_is(set_page(p, frame_bits(p) | PTE_RO), 0, "map it read-only again");
    check(peek(p) == 'S', "it keeps what was written");
}

static long new_base(const void *table)
{
    struct mmuext_op op;

    memset(&op, 0, sizeof op);
    op.cmd = MMUEXT_NEW_BASEPTR;
    op.arg1.mfn = mfn_of(table);
    return call_page(__HYPERVISOR_mmuext_op, va_of(&op), 1, 0, DOMID_SELF);
}

static void other_tables(void)
{
    char *l4 = page_alloc(0), *page = page_alloc(0);
    struct mmuext_op pin;

    memcpy(l4, (const void *)x86_start_info->pt_base, 4096);
    *page = 'p';
    /* A page table must not be writable. */
    check_is(set_page(l4, frame_bits(l4) | PTE_RO), 0, "a second L4");
    memset(&pin, 0, sizeof pin);
    pin.cmd = MMUEXT_PIN_L4_TABLE;
    pin.arg1.mfn = mfn_of(l4);
    check_is(call_page(__HYPERVISOR_mmuext_op, va_of(&pin), 1, 0, DOMID_SELF),
             0, "is pinned");
    check_is(new_base(l4), 0, "becomes the base");
    check(peek(page) == 'p', "memory is where it was");
    check_is(new_base((const void *)x86_start_info->pt_base), 0,
             "and back to the first one");
    check(peek(page) == 'p', "memory is where it was");
}

void test_pagetables(void)
{
    remap();
    by_mmu_update();
    two_hooks();
    refused();
    own_copy();
    other_tables();
}
