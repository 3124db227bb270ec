/* SPDX-License-Identifier: ISC */
/*
 * Writes the bootstrap region that plan.c laid out: segments, hypercall page,
 * p2m and page tables. All of it is the same for every domain of a template.
 */
#include <builder/pv.h>
#include <base/compiler.h>
#include <base/string.h>
#include <xen/xen.h>

/* Page-table entries (SDM 3A 4.5, tables 4-15 to 4-20). Xen lets a 64-bit PV
 * guest's kernel run in ring 3, so everything is a user page. The table's A and
 * D bits are never set by hardware: writable pages are born dirty. */
#define PTE_P  0x001ull
#define PTE_RW 0x002ull
#define PTE_US 0x004ull
#define PTE_A  0x020ull
#define PTE_D  0x040ull
#define PTE_NX (1ull << 63)

#define PTE_TABLE   (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)
#define PTE_ENTRIES 512u

#define STUB_SIZE 32u
#define NR_STUBS  64u /* Xen's NR_hypercalls, arch_7 included */
#define INT3      0xcc

static uint8_t *frame_in(const struct pv_layout *l, void *mem, uint32_t frame)
{
    return (uint8_t *)mem + (size_t)(frame - l->image_first) * PORTAL_PAGE_SIZE;
}

static void fill_segments(const struct elf_image *img,
                          const struct pv_layout *l, void *mem)
{
    uint8_t *base = mem;
    unsigned i;

    for (i = 0; i < img->nr_segments; i++) {
        const struct elf_segment *s = &img->segment[i];

        memcpy(base + (s->vaddr - (uint64_t)l->image_first * PORTAL_PAGE_SIZE),
               s->data, s->filesz);
    }
}

/*
 * One stub: "mov $nr,%eax" unless it is iret's, then "jmp *0(%rip)" and the
 * target behind it. All registers but eax arrive as the guest left them, and
 * with them the return address on its stack. iret's frame is on the stack and
 * rax belongs to it.
 */
static void fill_stub(uint8_t *stub, uint32_t nr, uint64_t target)
{
    static const uint8_t jmp[6] = {0xff, 0x25, 0, 0, 0, 0};

    if (nr != __HYPERVISOR_iret) {
        *stub++ = 0xb8;
        memcpy(stub, &nr, sizeof(nr));
        stub += sizeof(nr);
    }
    memcpy(stub, jmp, sizeof(jmp));
    memcpy(stub + sizeof(jmp), &target, sizeof(target));
}

static void fill_hypercall_page(const struct pv_params *p, uint8_t *page)
{
    uint32_t nr;

    memset(page, INT3, PORTAL_PAGE_SIZE);
    for (nr = 0; nr < NR_STUBS; nr++)
        fill_stub(page + (size_t)nr * STUB_SIZE, nr,
                  nr == __HYPERVISOR_iret ? p->iret_entry : p->hypercall_entry);
}

static uint64_t pte(uint64_t frame, uint64_t flags)
{
    return frame * PORTAL_PAGE_SIZE | flags;
}

static uint64_t leaf_flags(const struct pv_layout *l, unsigned prot)
{
    uint64_t flags = PTE_P | PTE_US | PTE_A;

    if (prot & PORTAL_PROT_W)
        flags |= PTE_RW | PTE_D;
    if (l->strict && !(prot & PORTAL_PROT_X))
        flags |= PTE_NX;
    return flags;
}

/* Tables in the order L4, L3, L2s, L1s: every level is one array of entries
 * that begins where its first table does. */
static void fill_page_tables(const struct pv_params *p,
                             const struct pv_layout *l, void *mem)
{
    uint32_t nr_l1 = (p->nr_pages + PTE_ENTRIES - 1) / PTE_ENTRIES;
    uint32_t nr_l2 = (nr_l1 + PTE_ENTRIES - 1) / PTE_ENTRIES;
    uint32_t l3 = l->pt_first + 1, l2 = l3 + 1, l1 = l2 + nr_l2;
    uint64_t *entry = (uint64_t *)(void *)frame_in(l, mem, l->pt_first);
    uint32_t i, k;

    entry[0] = pte(l3, PTE_TABLE);
    entry = (uint64_t *)(void *)frame_in(l, mem, l3);
    for (i = 0; i < nr_l2; i++)
        entry[i] = pte(l2 + i, PTE_TABLE);
    entry = (uint64_t *)(void *)frame_in(l, mem, l2);
    for (i = 0; i < nr_l1; i++)
        entry[i] = pte(l1 + i, PTE_TABLE);

    entry = (uint64_t *)(void *)frame_in(l, mem, l1);
    for (i = 0; i < l->nr_ranges; i++) {
        const struct portal_range *r = &l->range[i];

        if (r->prot == 0)
            continue;
        for (k = r->mfn; k < r->mfn + r->nr; k++)
            entry[k] = pte(k, leaf_flags(l, r->prot));
    }
    if (l->shared_info_va)
        entry[l->shared_info_va / PORTAL_PAGE_SIZE] =
            pte(MFN_SHARED_INFO((uint64_t)p->max_pages),
                leaf_flags(l, PORTAL_PROT_R | PORTAL_PROT_W) | PTE_NX);
}

size_t pv_boot_size(const struct pv_layout *l)
{
    return (size_t)(l->boot_end - l->image_first) * PORTAL_PAGE_SIZE;
}

void pv_fill(const struct pv_params *p, const struct pv_layout *l, void *mem)
{
    const struct elf_xen_notes *n = &p->image->notes;
    uint64_t *p2m = (uint64_t *)(void *)frame_in(l, mem, l->p2m_first);
    uint32_t i;

    fill_segments(p->image, l, mem);
    if (n->have_hypercall_page)
        fill_hypercall_page(
            p,
            frame_in(l, mem, (uint32_t)(n->hypercall_page / PORTAL_PAGE_SIZE)));
    for (i = 0; i < p->nr_pages; i++)
        p2m[i] = i;
    fill_page_tables(p, l, mem);
}
