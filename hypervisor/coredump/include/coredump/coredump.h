/* SPDX-License-Identifier: ISC */
/*
 * Core dumps of domains, for `gdb IMAGE CORE'. Pure: page tables come in
 * through a callback, the file's headers go out as bytes; who reads frames and
 * writes pages is the caller.
 *
 * The file (System V gABI, Linux's note formats):
 *
 *   ELF header, program headers     one PT_NOTE, one PT_LOAD per run
 *   notes                           NT_PRSTATUS (registers), NT_PRPSINFO
 *   [to the next page]
 *   pages                           those of run 0, of run 1, ...
 *
 * A page that is all zero need not be written: the file has its full size all
 * the same, with a hole there.
 */
#ifndef COREDUMP_COREDUMP_H
#define COREDUMP_COREDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <portal/portal.h>

#define CORE_PAGE     4096u
#define CORE_ENTRIES  512u  /* of a page table                               */
#define CORE_MAX_RUNS 8192u /* a dump has no more                            */

/* Pages that follow each other in virtual memory and in machine frames, with
 * the same rights. */
struct core_run {
    uint64_t va;
    uint32_t mfn, nr;
    bool w, x;
};

struct core_tables {
    /* Fills (entries) with page table (mfn). False: there is no such frame. */
    bool (*read)(void *arg, uint64_t mfn, uint64_t entries[CORE_ENTRIES]);
    void *arg;
    uint64_t cr3_mfn;
    uint32_t nr_frames; /* leaves of frames from here on are left out       */
};

/*
 * The runs of an x86-64 address space, by increasing address, at most (max)
 * of them. Tables are the guest's and may be anything, circles included: no
 * more than (nr_frames / 128 + 4096) are read and no more than twice nr_frames
 * pages are found. (*cut) tells that one of the limits, or a table that could
 * not be read, left something out.
 */
size_t core_find_runs(const struct core_tables *t, struct core_run *runs,
                      size_t max, bool *cut);

struct core_meta {
    struct portal_regs regs;
    int signal;     /* what ended it, 0 = nothing                         */
    uint32_t domid; /* shown as the process id                            */
    /* File name of the image, without folders: gdb compares it with its own,
     * 15 bytes of it. */
    const char *program;
    const char *name; /* of the domain                                      */
    const char *args; /* its command line                                   */
};

/* Bytes of everything before the pages: a multiple of CORE_PAGE. */
size_t core_header_size(size_t nr_runs);
/* Writes them; (buf) has core_header_size() zeroed bytes. nr_runs <=
 * CORE_MAX_RUNS. */
void core_fill_header(const struct core_meta *meta, const struct core_run *runs,
                      size_t nr_runs, void *buf);
/* Size of the whole file. */
uint64_t core_file_size(const struct core_run *runs, size_t nr_runs);

#endif /* COREDUMP_COREDUMP_H */
