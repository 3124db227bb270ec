/* SPDX-License-Identifier: ISC */
/*
 * Which file backs a machine frame, and the monitor's own view of RAM.
 *
 * A frame that starts in the template is read-only there; once unshared it
 * lives in its RAM slot for good. The bitmap below remembers which ones did,
 * by their page in the template file.
 *
 * The windows are linear maps of the two files, made when first needed (our own
 * guests never need them).
 */

#include "monitor.h"
#include <vcpu/sys.h>

/* Above everything the guest can map (mmu.c keeps it below). */
#define RAM_WINDOW_VA      MONITOR_WINDOWS_VA
#define TEMPLATE_WINDOW_VA (MONITOR_WINDOWS_VA + (1ull << 40))

static uint64_t unshared[MAX_TEMPLATE_PAGES / 64];

static const struct portal_range *find_range(uint64_t mfn)
{
    for (uint32_t i = 0; i < vcpu.boot.nr_ranges; i++) {
        const struct portal_range *r = &vcpu.boot.range[i];

        if (mfn >= r->mfn && mfn - r->mfn < r->nr)
            return r;
    }
    return NULL;
}

static bool is_unshared(uint64_t template_page)
{
    return template_page >= MAX_TEMPLATE_PAGES ||
           (unshared[template_page / 64] >> (template_page % 64) & 1);
}

/* Frames of the grant table, as far as the guest has asked for them. */
static bool is_grant_frame(uint64_t mfn)
{
    uint64_t table = MFN_GRANT(vcpu.boot.max_pages);
    uint64_t status = MFN_GRANT_STATUS(vcpu.boot.max_pages);

    if (mfn < status)
        return mfn >= table && mfn - table < vcpu.grant_frames;
    return mfn - status < vcpu.grant_status_frames;
}

bool frame_backing(uint64_t mfn, struct frame_backing *b)
{
    const struct portal_range *r;

    *b = (struct frame_backing){.fd = GUEST_FD_RAM, .writable = true};
    if (mfn == MFN_SHARED_INFO(vcpu.boot.max_pages)) {
        b->file_page = WINDOW_SHINFO;
        return true;
    }
    if (mfn >= vcpu.boot.max_pages) {
        b->file_page = RAM_FILE_FIRST + mfn;
        return is_grant_frame(mfn);
    }
    r = find_range(mfn);
    if (!r) {
        /* Between memory= and maxmem=. */
        b->file_page = RAM_FILE_FIRST + mfn;
        return true;
    }
    b->file_page = r->file_page + (mfn - r->mfn);
    if (r->backing == PORTAL_BACK_TEMPLATE) {
        if (is_unshared(b->file_page)) {
            b->file_page = RAM_FILE_FIRST + mfn;
        } else {
            b->fd = GUEST_FD_TEMPLATE;
            b->writable = false;
        }
    }
    return true;
}

int frame_unshare(uint64_t mfn)
{
    struct frame_backing b;
    int64_t rc;

    if (!frame_backing(mfn, &b))
        return -XEN_EINVAL;
    if (b.writable)
        return 0;
    rc = portal_call1(PORTAL_CALL_UNSHARE, mfn, 0);
    if (rc)
        return (int)rc;
    unshared[b.file_page / 64] |= 1ull << (b.file_page % 64);
    if (pv.template_alias)
        mmu_flush_all();
    else
        mmu_sync_page(mfn << 12);
    return 0;
}

/* Maps a window once. There is no going on without it. */
static void need_window(bool *have, uint64_t va, uint64_t pages, int fd,
                        int prot)
{
    long rc;

    if (*have)
        return;
    rc = sys_mmap_file(va, pages << 12, prot, fd, 0);
    if (rc != (long)va)
        crash(PORTAL_CRASH_HOST, 0, 0, va, (uint64_t)-rc, NULL);
    *have = true;
}

static volatile uint64_t *window_page(const struct frame_backing *b)
{
    if (b->fd == GUEST_FD_RAM) {
        need_window(&pv.ram_window, RAM_WINDOW_VA,
                    RAM_FILE_FIRST + (uint64_t)vcpu.boot.max_pages,
                    GUEST_FD_RAM, MMAP_PROT_R | MMAP_PROT_W);
        return (volatile uint64_t *)(RAM_WINDOW_VA + (b->file_page << 12));
    }
    need_window(&pv.template_window, TEMPLATE_WINDOW_VA,
                vcpu.boot.template_pages, GUEST_FD_TEMPLATE, MMAP_PROT_R);
    return (volatile uint64_t *)(TEMPLATE_WINDOW_VA + (b->file_page << 12));
}

const volatile uint64_t *frame_read(uint64_t mfn)
{
    struct frame_backing b;

    if (mfn >= vcpu.boot.max_pages || !frame_backing(mfn, &b))
        return NULL;
    return window_page(&b);
}

volatile uint64_t *frame_write(uint64_t mfn)
{
    struct frame_backing b;

    if (mfn >= vcpu.boot.max_pages || frame_unshare(mfn) ||
        !frame_backing(mfn, &b))
        return NULL;
    return window_page(&b);
}
