/* SPDX-License-Identifier: ISC */
/*
 * Reads the flattened device tree that an Arm domain is started with (Devicetree
 * Specification 0.4; for "xen,xen" Linux' Documentation/devicetree/bindings/arm,
 * for what Xen's toolstack makes xen/arch-arm.h). Whatever the numbers in there,
 * only the (room) bytes at the blob are read.
 */
#ifndef DEVICETREE_DEVICETREE_H
#define DEVICETREE_DEVICETREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

enum dt_error {
    DT_OK,
    DT_E_BLOB,      /* not a device tree, or cut off                        */
    DT_E_MEMORY,    /* no memory node that can be read                      */
    DT_E_IMAGE,     /* the image does not lie in memory                     */
    DT_E_NO_MEMORY, /* nothing is free behind the image                     */
    DT_E_XEN,       /* no "xen,xen" node: not a Xen domain                  */
    DT_E_XEN_NODE,  /* it lacks its grant region or its interrupt           */
    DT_E_GIC,       /* no interrupt controller that we know                 */
    DT_E_TIMER,     /* no virtual timer                                     */
    DT_E_CHOSEN,    /* a ramdisk whose end lies in front of it              */
};

/* Physical addresses, [start, start + size). */
struct dt_region {
    uint64_t start, size;
};

enum dt_conduit { DT_NO_PSCI, DT_PSCI_HVC, DT_PSCI_SMC };

struct device_tree {
    /* The largest run of free pages in the bank that the image lies in: neither
     * image, device tree, ramdisk nor what is reserved is in it. */
    uint64_t free_start, free_end;
    unsigned nr_other_banks;  /* of memory, of which nothing is used        */
    struct dt_region ramdisk; /* size 0: none                              */
    const char *command_line; /* in the blob; "" if there is none          */

    bool is_xen;
    struct dt_region grants;  /* where grant frames may be put              */
    unsigned event_interrupt; /* interrupt ids of the GIC                  */
    unsigned timer_interrupt; /* of the virtual timer                      */

    unsigned gic_version;           /* 2 or 3                            */
    struct dt_region distributor;   /* GICD                              */
    struct dt_region cpu_interface; /* GICC of version 2, GICR of 3      */
    enum dt_conduit psci;
    uint64_t uart; /* a PL011 that is the standard output, 0: none         */
};

/*
 * For an image that occupies [image_start, image_end). The result is the first
 * thing that is wrong; psci, uart and is_xen are filled in all the same, as far
 * as the blob can be read.
 */
enum dt_error __must_check dt_read(struct device_tree *dt, const void *blob,
                                   size_t room, uint64_t image_start,
                                   uint64_t image_end);
const char *dt_strerror(enum dt_error e);

#endif /* DEVICETREE_DEVICETREE_H */
