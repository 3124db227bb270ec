/* SPDX-License-Identifier: ISC */
/*
 * Addresses, descriptors and file offsets that the daemon's process engine and
 * the monitor agree on. Everything here is fixed at build time.
 *
 * A guest process (images linked at 1 MiB or above):
 *
 *   VA 0x0001_0000  monitor text        (from the zygote, shared by all)
 *      ...          monitor data, stacks
 *   VA 0x000f_c000  WINDOW: the first WINDOW_PAGES pages of the RAM file
 *                     +0 portal  +1 shared_info  +2 xenstore ring  +3 console ring
 *   VA 0x0010_0000  guest: identity map of its pseudo-physical memory,
 *                   as far as its own page tables say so
 *
 * The RAM file (one memfd per domain):
 *
 *   page 0..3        the window's pages, in the order above
 *   page 4+n         RAM slot n (mfn n), except where the domain's frame map
 *                    says that the frame is backed by something else
 *
 * The xenstore and console ring are RAM slots of the guest (their mfns lie in
 * the bootstrap region, where Xen's builder puts them), but they are backed by
 * window pages 2 and 3, so that one 16 KiB mapping in the daemon serves all
 * that an idle domain ever touches.
 */
#ifndef PORTAL_LAYOUT_H
#define PORTAL_LAYOUT_H

#define PORTAL_PAGE_SHIFT 12
#define PORTAL_PAGE_SIZE  0x1000ul

/* The monitor is linked here (mk/monitor.lds checks it against the window). */
#define MONITOR_BASE 0x10000ul
#define MONITOR_END  0xfc000ul

/* Fixed entry points at the start of the monitor's text: what the hypercall
 * page jumps to. */
#define MONITOR_ENTRY_HYPERCALL (MONITOR_BASE + 0x00)
#define MONITOR_ENTRY_IRET      (MONITOR_BASE + 0x10)

#define WINDOW_PAGES  4
#define WINDOW_VA     0xfc000ul
#define WINDOW_PORTAL 0
#define WINDOW_SHINFO 1
#define WINDOW_STORE  2
#define WINDOW_CONS   3
#define PORTAL_VA     (WINDOW_VA + WINDOW_PORTAL * PORTAL_PAGE_SIZE)
#define SHINFO_VA     (WINDOW_VA + WINDOW_SHINFO * PORTAL_PAGE_SIZE)

/* Lowest virtual address the guest may map. */
#define GUEST_VA_MIN 0x100000ul
/* First address above what Linux lets a process map (user half less a page).*/
#define GUEST_VA_END 0x7ffffffff000ul

/* Frames the monitor can unshare (a bitmap); a template is never bigger. */
#define MAX_TEMPLATE_PAGES 131072u

/* RAM slot n is page RAM_FILE_FIRST + n of the RAM file. */
#define RAM_FILE_FIRST WINDOW_PAGES

/*
 * Machine frame numbers. RAM slots are 0 .. max_pages-1; special frames follow:
 * shared_info, then grant frames, then grant status frames (version 2: 256
 * entries a frame, 2048 states a status frame). Grant and status frame with
 * mfn m is page RAM_FILE_FIRST + m of the RAM file; nothing is behind it until
 * it is used.
 */
#define MFN_SHARED_INFO(max_pages)  ((max_pages) + 0)
#define GRANT_FRAMES_MAX            256u
#define GRANT_STATUS_FRAMES_MAX     (GRANT_FRAMES_MAX / 8)
#define MFN_GRANT(max_pages)        ((max_pages) + 1)
#define MFN_GRANT_STATUS(max_pages) (MFN_GRANT(max_pages) + GRANT_FRAMES_MAX)
#define NR_SPECIAL_FRAMES           (1 + GRANT_FRAMES_MAX + GRANT_STATUS_FRAMES_MAX)

/* Descriptors of a guest process, all of them. */
#define GUEST_FD_RAM      3 /* memfd, read-write, sealed against resizing     */
#define GUEST_FD_DOORBELL 4 /* write end of a pipe, non-blocking              */
#define GUEST_FD_TEMPLATE 5 /* memfd, read-only, sealed against writing       */

/* Descriptor on which a zygote is told to fork (closed in its children). */
#define ZYGOTE_FD_CONTROL 6

#endif /* PORTAL_LAYOUT_H */
