/* SPDX-License-Identifier: ISC */
/*
 * What a new domain finds besides its image: start_info, its registers, and
 * the state of shared_info. This part differs from domain to domain.
 */
#include <builder/pv.h>
#include <base/compiler.h>
#include <base/string.h>
#include <xen/xen.h>

_Static_assert(sizeof(struct start_info) <= PORTAL_PAGE_SIZE, "one page");

static uint64_t va(uint32_t frame)
{
    return (uint64_t)frame * PORTAL_PAGE_SIZE;
}

bool pv_fill_start_info(const struct pv_layout *l, uint32_t nr_pages,
                        uint32_t max_pages, unsigned store_port,
                        unsigned console_port, const char *cmdline, void *page)
{
    /* What Xen's own builder says to every 64-bit PV guest: the interface's
     * generation, not the hypervisor's version. */
    static const char magic[] = "xen-3.0-x86_64";
    struct start_info *si = page;
    size_t len = strnlen(cmdline, MAX_GUEST_CMDLINE);
    bool whole = len < MAX_GUEST_CMDLINE;

    memcpy(si->magic, magic, sizeof(magic));
    si->nr_pages = nr_pages;
    si->shared_info = MFN_SHARED_INFO((uint64_t)max_pages) * PORTAL_PAGE_SIZE;
    si->flags = 0;
    si->store_mfn = l->store;
    si->store_evtchn = store_port;
    si->console.domU.mfn = l->console;
    si->console.domU.evtchn = console_port;
    si->pt_base = va(l->pt_first);
    si->nr_pt_frames = l->pt_end - l->pt_first;
    si->mfn_list = va(l->p2m_first);
    if (l->ramdisk_bytes > 0) {
        si->mod_start = va(l->ramdisk_first);
        si->mod_len = l->ramdisk_bytes;
    }
    memcpy(si->cmd_line, cmdline, whole ? len : MAX_GUEST_CMDLINE - 1);
    return whole;
}

void pv_fill_boot(const struct pv_layout *l, uint32_t nr_pages,
                  uint32_t max_pages, uint32_t domid, struct portal_boot *boot)
{
    memset(boot, 0, sizeof(*boot));
    boot->rip = l->entry;
    boot->rsp = va(l->stack + 1);
    boot->rsi = va(l->start_info);
    boot->cr3_mfn = l->pt_first;
    boot->nr_pages = nr_pages;
    boot->max_pages = max_pages;
    boot->domid = domid;
    boot->flags = l->strict ? PORTAL_FLAG_STRICT_WX : 0;
    boot->shared_info_va = l->shared_info_va;
    boot->nr_ranges = l->nr_ranges;
    boot->template_pages = l->template_pages;
    memcpy(boot->range, l->range, l->nr_ranges * sizeof(l->range[0]));
}

void pv_fill_shared_info(struct shared_info *si)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(si->vcpu_info); i++)
        si->vcpu_info[i].evtchn_upcall_mask = 1;
}
