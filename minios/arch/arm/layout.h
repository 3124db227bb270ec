/* SPDX-License-Identifier: ISC */
/* Fixed numbers of the Arm port; for C and assembly. */
#ifndef ARM_LAYOUT_H
#define ARM_LAYOUT_H

/* Where the image is linked, and where Xen puts the first RAM of a domain
 * (arch-arm.h, GUEST_RAM0_BASE). Loaded elsewhere it relocates itself. */
#define IMAGE_BASE 0x40000000

/* 39 bits of addresses: three levels of tables, the first of which has entries
 * of 1 GiB (Arm ARM D8.2). */
#define VA_BITS     39
#define GIB_SHIFT   30
#define TABLE_BYTES 4096

/* Indices in MAIR_EL1, and what they mean: normal, write-back cached; device,
 * nGnRE. */
#define MAIR_NORMAL 0
#define MAIR_DEVICE 1
#define MAIR_VALUE  0x04ff

/* Descriptors (Arm ARM D8.3). */
#define DESC_VALID    (1 << 0)
#define DESC_TABLE    (1 << 1) /* a table, or a page at the last level     */
#define DESC_ATTR(i)  ((i) << 2)
#define DESC_READONLY (1 << 7)
#define DESC_INNER    (3 << 8) /* inner shareable                          */
#define DESC_ACCESSED (1 << 10)
#define DESC_NG       (1 << 11) /* of the address space in use only        */

/* Address spaces: that of the first table, and ours for good. Their leaves differ
 * in size, so the CPU must not find one while it looks for the other's (Arm ARM
 * D8.14, break-before-make). */
#define ASID_SHIFT 48
#define ASID_OURS  1

/* struct trap_frame (arm.h) */
#define FRAME_BYTES 288

/* The stack on which exceptions are reported. */
#define TRAP_STACK_BYTES 8192

#endif /* ARM_LAYOUT_H */
