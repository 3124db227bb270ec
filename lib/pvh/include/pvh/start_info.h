/* SPDX-License-Identifier: ISC */
/*
 * Reads what a PVH domain is started with: struct hvm_start_info and what it
 * points at (xen/arch-x86/hvm/start_info.h). Whatever the numbers in there, only
 * memory that (view) gives is read.
 */
#ifndef PVH_START_INFO_H
#define PVH_START_INFO_H

#include <stdint.h>
#include <base/compiler.h>

enum pvh_error {
    PVH_OK,
    PVH_E_UNREADABLE, /* something lies where (view) gives nothing           */
    PVH_E_MAGIC,      /* not an hvm_start_info                               */
    PVH_E_COMMAND_LINE, /* not terminated within PVH_COMMAND_LINE_MAX          */
    PVH_E_NO_MAP,    /* version 0, or a map without entries                 */
    PVH_E_MAP,       /* too many entries, or one that leaves 64 bits        */
    PVH_E_MODULES,   /* the same of modules                                 */
    PVH_E_IMAGE,     /* the image does not lie in RAM                       */
    PVH_E_NO_MEMORY, /* nothing is free behind the image                    */
};

/* Physical memory [address, address + len), len > 0; NULL: cannot be read. */
typedef const void *pvh_view(void *arg, uint64_t address, uint64_t len);

/* The most that is looked at; Xen gives one module and few entries. */
#define PVH_COMMAND_LINE_MAX 1024
#define PVH_MAP_MAX          128u
#define PVH_MODULES_MAX      32u

struct pvh_start {
    const char *command_line; /* in the view; "" if there is none          */
    /* The largest run of free pages behind the image, in the same RAM: none of
     * what start_info points at is in it, modules included. */
    uint64_t free_start;
    uint64_t free_end;
};

/* Reads the start_info at (address) for an image that occupies [image_start,
 * image_end). (*out) is filled if the result is PVH_OK. */
enum pvh_error __must_check
pvh_read_start(struct pvh_start *out, uint64_t address, uint64_t image_start,
               uint64_t image_end, pvh_view *view, void *arg);
const char *pvh_strerror(enum pvh_error e);

#endif /* PVH_START_INFO_H */
