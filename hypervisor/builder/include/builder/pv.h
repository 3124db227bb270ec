/* SPDX-License-Identifier: ISC */
/*
 * The PV domain builder: from an ELF image to the start-of-day state that
 * xen/include/public/xen.h describes ("Start-of-day memory layout"). Pure:
 * works on a buffer, does no I/O.
 *
 * Work is done once per template (image, ramdisk, memory size); a domain then
 * differs only in start_info (command line) and in what it writes later.
 *
 *   pfn 0 ...            nothing, up to the image (images start at 1 MiB)
 *   image                segments; the hypercall page is filled in
 *   [ramdisk]            mod_start, mod_len
 *   p2m                  mfn_list: nr_pages entries; here mfn = pfn
 *   start_info
 *   xenstore ring
 *   console ring
 *   page tables          4 KiB leaves over all nr_pages, plus shared_info
 *   boot stack           one page, rsp at its end
 *   free RAM             identity-mapped, read-write
 *
 * Permissions: when no page of the image is both writable and executable
 * (strict), the page tables map text R+X, read-only data R, everything else
 * R+W and NX, and do not map pages between two PT_LOADs: those are the image's
 * guard pages. Otherwise (relaxed) everything but the page tables is R+W+X, as
 * Xen itself does it. Page tables are mapped read-only in both. Nothing is
 * mapped below the image except shared_info, if the image asks for it
 * (ELF_NOTE_MIDGE_SHARED_INFO_VA) at the one address where the engine has it
 * (SHINFO_VA); a wish for another place is ignored.
 *
 * xen.h wants the bootstrap region padded by 512 KiB or more and mapped up to a
 * 4 MiB boundary. Here all RAM is mapped: there is at least the padding (or
 * PV_E_MEMORY), and the map reaches the boundary or the end of RAM.
 *
 * The template file holds the frames of the template-backed ranges, one after
 * another in the order of l->range: range[i].file_page says where each run
 * begins. Whoever makes the file copies them there out of pv_fill()'s buffer
 * (and the ramdisk). RAM-backed frames are in the domain's RAM file at
 * RAM_FILE_FIRST + mfn, but for the xenstore and console ring, which are the
 * window's pages (portal/layout.h).
 */
#ifndef BUILDER_PV_H
#define BUILDER_PV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <elf/elf.h>
#include <portal/portal.h>

struct pv_params {
    const struct elf_image *image; /* for ELF_MACHINE_X86_64               */
    uint64_t ramdisk_bytes;        /* 0 = none                             */
    uint32_t nr_pages;             /* memory=                              */
    uint32_t max_pages;            /* maxmem=                              */
    uint64_t hypercall_entry;      /* where the hypercall page's stubs jump*/
    uint64_t iret_entry;           /* the same, for HYPERVISOR_iret        */
};

/* Why a domain could not be built. */
enum pv_error {
    PV_OK = 0,
    PV_E_NO_ENTRY, /* no XEN_ELFNOTE_ENTRY: not a PV guest             */
    PV_E_LOW,      /* image below 1 MiB: not carried by this engine yet;
                          value = address                                  */
    PV_E_ADDRESS,  /* virtual and physical addresses do not agree
                          (VIRT_BASE, PADDR_OFFSET), or INIT_P2M wants the
                          p2m elsewhere; value = address                   */
    PV_E_NOTE,     /* hypercall page or entry outside the image, or
                          hypercall page not page-aligned; value = address */
    PV_E_MEMORY,   /* does not fit; value = KiB needed                 */
    PV_E_RAMDISK,  /* ramdisk does not fit; value = KiB needed in all  */
    PV_E_TOO_BIG,  /* max_pages over PV_MAX_PAGES, or nr_pages over
                          max_pages; value = the offending KiB             */
    PV_E_TEMPLATE, /* more than MAX_TEMPLATE_PAGES to share (a huge
                          ramdisk); value = KiB                            */
};
#define PV_MAX_PAGES (1u << 24) /* 64 GiB */

struct pv_layout {
    /* All in frames. [first, end) of each part. */
    uint32_t image_first, image_end;
    uint32_t ramdisk_first, ramdisk_end; /* equal when there is none       */
    uint32_t p2m_first, p2m_end;
    uint32_t start_info, store, console;
    uint32_t pt_first, pt_end; /* pt_first is the L4             */
    uint32_t stack;
    uint32_t boot_end; /* first free frame               */
    bool strict;       /* W^X                            */
    uint64_t ramdisk_bytes;
    uint64_t shared_info_va; /* mapped by the page tables there, 0 = not   */
    uint64_t entry;
    /* Where each frame comes from, in the form the monitor wants; the ranges
     * that are RAM-backed and not all zero must be filled per domain. */
    uint32_t nr_ranges;
    struct portal_range range[PORTAL_MAX_RANGES];
    uint32_t template_pages; /* pages of the template file                 */
};

/*
 * Lays out a domain. On success fills (*l) and returns PV_OK; otherwise
 * (*value) is the error's detail. Does not look at file contents beyond (img).
 */
enum pv_error pv_plan(const struct pv_params *p, struct pv_layout *l,
                      uint64_t *value);
/* One clause; never NULL. */
const char *pv_strerror(enum pv_error e);

/*
 * Writes the bootstrap region into (mem), which stands for pseudo-physical
 * memory from frame l->image_first to l->boot_end (boot_size() bytes, zeroed):
 * segments, hypercall page, p2m, page tables. Not: ramdisk contents (the
 * caller copies ramdisk_bytes to frame ramdisk_first) and start_info.
 */
size_t pv_boot_size(const struct pv_layout *l);
void pv_fill(const struct pv_params *p, const struct pv_layout *l, void *mem);

/*
 * Writes start_info (PORTAL_PAGE_SIZE bytes, zeroed before) for a domain with
 * this layout. (cmdline) is cut at MAX_GUEST_CMDLINE - 1 bytes; returns false
 * if it had to be (the caller refuses such a domain).
 */
bool pv_fill_start_info(const struct pv_layout *l, uint32_t nr_pages,
                        uint32_t max_pages, unsigned store_port,
                        unsigned console_port, const char *cmdline, void *page);

/* Fills portal_boot: registers, cr3, ranges. domid and flags included. */
void pv_fill_boot(const struct pv_layout *l, uint32_t nr_pages,
                  uint32_t max_pages, uint32_t domid, struct portal_boot *boot);

/* Sets the parts of a new shared_info that Xen initialises for PV: every
 * evtchn_upcall_mask = 1; time and wallclock are the caller's. */
struct shared_info;
void pv_fill_shared_info(struct shared_info *si);

#endif /* BUILDER_PV_H */
