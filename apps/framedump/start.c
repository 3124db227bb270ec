/* SPDX-License-Identifier: ISC */
/* Registers and start_info at the start of day (xen.h, "startofday"). */
#include "framedump.h"

#include <base/compiler.h>
#include <base/string.h>
#include <minios/stdio.h>

#define PAGE 0x1000ul

static void print_registers(void)
{
    const struct entry_state *e = &entry_state;
    const struct start_info *si = x86_start_info;
    uint64_t stack = si->pt_base + si->nr_pt_frames * PAGE;
    uint64_t others = e->rax | e->rbx | e->rcx | e->rdx | e->rdi | e->rbp |
                      e->r8 | e->r9 | e->r10 | e->r11 | e->r12 | e->r13 |
                      e->r14 | e->r15;

    printf("# rsi %lx rsp %lx\n", e->rsi, e->rsp);
    printf("rsp: %s\n",
           e->rsp == stack + PAGE ? "top of the boot stack" : "somewhere else");
    printf("rsp mod 16: %lu\n", e->rsp % 16);
    printf("rflags: %lx\n", e->rflags);
    printf("other registers: %s\n", others ? "not all 0" : "0");
    printf("~selectors: cs %lx ss %lx\n", e->cs, e->ss);
    printf("data selectors: ds %lx es %lx fs %lx gs %lx\n", e->ds, e->es, e->fs,
           e->gs);
}

/* The name of what lies at (va) of the bootstrap region. */
static const char *element_at(uint64_t va)
{
    const struct start_info *si = x86_start_info;
    const uint64_t *p2m = (const uint64_t *)si->mfn_list;
    uint64_t mfn = va / PAGE < si->nr_pages ? p2m[va / PAGE] : UINT64_MAX;

    if (si->mod_len && va == si->mod_start)
        return "ramdisk";
    if (va == si->mfn_list)
        return "p2m list";
    if (va == address_of(si))
        return "start_info";
    if (mfn == si->store_mfn)
        return "store ring";
    if (mfn == si->console.domU.mfn)
        return "console ring";
    if (va == si->pt_base)
        return "page tables";
    if (va == si->pt_base + si->nr_pt_frames * PAGE)
        return "boot stack";
    return NULL;
}

static void print_order(void)
{
    const struct start_info *si = x86_start_info;
    uint64_t stack = si->pt_base + si->nr_pt_frames * PAGE;
    uint64_t va;

    printf("order: image");
    for (va = address_of(_stack_end); va <= stack; va += PAGE) {
        const char *name = element_at(va);

        if (name)
            printf(", %s", name);
    }
    printf("\n");
    /* An element begins where the one in front of it ends. */
    printf(
        "packed: %s\n",
        yes_no(si->mfn_list == address_of(_stack_end) &&
               address_of(si) ==
                   si->mfn_list + (si->nr_pages * 8 + PAGE - 1) / PAGE * PAGE &&
               si->pt_base == address_of(si) + 3 * PAGE));
}

/* One entry of Xen's M2P table, the inverse of the p2m list; by a plain load,
 * which a hypervisor that has no such table can carry out. */
static uint64_t m2p(uint64_t mfn)
{
    uint64_t pfn;

    __asm__ volatile("mov (%1, %2, 8), %0"
                     : "=r"(pfn)
                     : "r"(machine_to_phys_mapping), "r"(mfn));
    return pfn;
}

static bool m2p_agrees(void)
{
    const struct start_info *si = x86_start_info;
    const uint64_t *p2m = (const uint64_t *)si->mfn_list;
    uint64_t pfn;

    for (pfn = 0; pfn < si->nr_pages; pfn += 97) {
        if (m2p(p2m[pfn]) != pfn)
            return false;
    }
    return true;
}

static void print_start_info(void)
{
    const struct start_info *si = x86_start_info;

    printf("# start_info %lx mfn_list %lx pt_base %lx\n", address_of(si),
           si->mfn_list, si->pt_base);
    printf("# shared_info %lx store_mfn %lx console mfn %lx\n", si->shared_info,
           si->store_mfn, (uint64_t)si->console.domU.mfn);
    printf("magic: %.32s\n", si->magic);
    printf("nr_pages: %lu\n", si->nr_pages);
    printf("shared_info mod 4096: %lu\n", si->shared_info % PAGE);
    printf("flags: %x\n", si->flags);
    printf("store_evtchn: %u\n", si->store_evtchn);
    printf("console.domU.evtchn: %u\n", si->console.domU.evtchn);
    printf("~nr_pt_frames: %lu\n", si->nr_pt_frames);
    printf("mod_start: %lx mod_len: %lx\n", si->mod_start, si->mod_len);
    printf("cmd_line: %.1024s\n", (const char *)si->cmd_line);
    printf("first_p2m_pfn: %lx nr_p2m_frames: %lx\n", si->first_p2m_pfn,
           si->nr_p2m_frames);
    printf("M2P inverts the p2m list: %s\n", yes_no(m2p_agrees()));
}

void print_start(void)
{
    print_registers();
    print_start_info();
    print_order();
    map_print();
}
