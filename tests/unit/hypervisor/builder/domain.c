/* SPDX-License-Identifier: ISC */
/* start_info, portal_boot and shared_info: what differs from domain to domain.*/
#include "sample.h"
#include <stdlib.h>
#include <tap.h>
#include <xen/xen.h>

static struct sample s;

static void test_start_info(void)
{
    struct start_info *si = calloc(1, PORTAL_PAGE_SIZE);

    sample_make(&s);
    s.p.ramdisk_bytes = 5000;
    if (!si || sample_plan(&s) != PV_OK)
        abort();
    ok(pv_fill_start_info(&s.l, NR_PAGES, MAX_PAGES, 1, 2, "a=b c", si),
       "a short command line fits");
    is_str(si->magic, "xen-3.0-x86_64", "magic");
    is_int(si->nr_pages, NR_PAGES, "nr_pages");
    is_int(si->shared_info, MAX_PAGES * 4096, "shared_info's machine address");
    is_int(si->flags, 0, "flags");
    is_int(si->store_mfn, s.l.store, "store_mfn");
    is_int(si->store_evtchn, 1, "store_evtchn");
    is_int(si->console.domU.mfn, s.l.console, "console mfn");
    is_int(si->console.domU.evtchn, 2, "console evtchn");
    is_int(si->pt_base, s.l.pt_first * 4096ul, "pt_base");
    is_int(si->nr_pt_frames, s.l.pt_end - s.l.pt_first, "nr_pt_frames");
    is_int(si->mfn_list, s.l.p2m_first * 4096ul, "mfn_list");
    is_int(si->mod_start, s.l.ramdisk_first * 4096ul, "mod_start");
    is_int(si->mod_len, 5000, "mod_len");
    is_str((char *)si->cmd_line, "a=b c", "cmd_line");
    is_int(si->first_p2m_pfn, 0, "first_p2m_pfn");
    is_int(si->nr_p2m_frames, 0, "nr_p2m_frames");

    memset(si, 0, PORTAL_PAGE_SIZE);
    sample_make(&s);
    is_int(sample_plan(&s), PV_OK, "without a ramdisk");
    ok(pv_fill_start_info(&s.l, NR_PAGES, MAX_PAGES, 1, 2, "", si),
       "and without a command line");
    is_int(si->mod_start, 0, "no mod_start");
    is_int(si->mod_len, 0, "no mod_len");
    is_int(si->cmd_line[0], 0, "empty cmd_line");
    free(si);
}

static void test_long_cmdline(void)
{
    struct start_info *si = calloc(1, PORTAL_PAGE_SIZE);
    char line[2048];

    sample_make(&s);
    if (!si || sample_plan(&s) != PV_OK)
        abort();
    memset(line, 'x', sizeof(line));
    line[MAX_GUEST_CMDLINE - 1] = 0;
    ok(pv_fill_start_info(&s.l, NR_PAGES, MAX_PAGES, 1, 2, line, si),
       "1023 bytes fit");
    is_int(strlen((char *)si->cmd_line), 1023, "all of them");

    memset(si, 0, PORTAL_PAGE_SIZE);
    line[MAX_GUEST_CMDLINE - 1] = 'x';
    line[MAX_GUEST_CMDLINE] = 0;
    ok(!pv_fill_start_info(&s.l, NR_PAGES, MAX_PAGES, 1, 2, line, si),
       "1024 do not");
    is_int(strlen((char *)si->cmd_line), 1023, "and are cut");
    free(si);
}

static void test_boot(void)
{
    struct portal_boot b;

    sample_make(&s);
    s.img.notes.have_shared_info_va = true;
    s.img.notes.shared_info_va = SHINFO_VA;
    if (sample_plan(&s) != PV_OK)
        abort();
    memset(&b, 0xff, sizeof(b));
    pv_fill_boot(&s.l, NR_PAGES, MAX_PAGES, 7, &b);
    is_int(b.rip, TEXT_VA + 0x10, "rip is the note's entry");
    is_int(b.rsp, (s.l.stack + 1) * 4096ul, "rsp is the stack page's end");
    is_int(b.rsi, s.l.start_info * 4096ul, "rsi is start_info");
    is_int(b.cr3_mfn, s.l.pt_first, "cr3 is the L4");
    is_int(b.nr_pages, NR_PAGES, "nr_pages");
    is_int(b.max_pages, MAX_PAGES, "max_pages");
    is_int(b.domid, 7, "domid");
    is_int(b.flags, PORTAL_FLAG_STRICT_WX, "strict");
    is_int(b.shared_info_va, SHINFO_VA, "shared_info");
    is_int(b.nr_ranges, s.l.nr_ranges, "number of ranges");
    is_int(b.template_pages, s.l.template_pages, "template's size");
    ok(!memcmp(b.range, s.l.range, s.l.nr_ranges * sizeof(b.range[0])),
       "ranges");
    is_int(b.range[s.l.nr_ranges].nr, 0, "none behind the last");

    s.img.segment[0].w = true;
    if (sample_plan(&s) != PV_OK)
        abort();
    pv_fill_boot(&s.l, NR_PAGES, MAX_PAGES, 7, &b);
    is_int(b.flags, 0, "relaxed");
}

static void test_shared_info(void)
{
    static struct shared_info si;
    int i, masked = 1;

    pv_fill_shared_info(&si);
    for (i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
        masked &= si.vcpu_info[i].evtchn_upcall_mask == 1;
        masked &= si.vcpu_info[i].evtchn_upcall_pending == 0;
    }
    ok(masked, "upcalls are masked on all 32 vCPUs");
    is_int(si.evtchn_mask[0], 0, "no port is");
}

static void test_strerror(void)
{
    int e, k, good = 1;

    for (e = PV_OK; e <= PV_E_TEMPLATE; e++)
        for (k = PV_OK; k < e; k++)
            good &= strcmp(pv_strerror((enum pv_error)e),
                           pv_strerror((enum pv_error)k)) != 0;
    ok(good, "every reason has its own clause");
    ok(pv_strerror((enum pv_error)99), "an unknown one has one");
}

void test_domain(void)
{
    test_start_info();
    test_long_cmdline();
    test_boot();
    test_shared_info();
    test_strerror();
}
