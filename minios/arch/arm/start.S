/* SPDX-License-Identifier: ISC */
/*
 * Where a domain's Image is entered: with the address of a device tree in x0, at
 * EL1, MMU and data caches off, interrupts masked (Linux'
 * Documentation/arm64/booting.rst, which Xen and others follow).
 *
 * The first page table identity-maps the GiB the image lies in, the next one,
 * and that of the device tree, with all rights. It is replaced by memory.c.
 */
#include "arch/arm/layout.h"

#define DESC_NORMAL (DESC_VALID | DESC_ATTR(MAIR_NORMAL) | DESC_INNER | DESC_ACCESSED | DESC_NG)

/* Arm ARM D19.2: the bits of SCTLR_EL1 that are to be 1; MMU, alignment of the
 * stack pointer, data and instruction cache. */
#define SCTLR_RES1 0x30d00800
#define SCTLR_ON   (1 << 0 | 1 << 2 | 1 << 3 | 1 << 12)

/* TCR_EL1: 39 bits below, nothing above; tables are cached, inner shareable, of
 * 4 KiB. The size of physical addresses is added. */
#define TCR_T0SZ  (64 - VA_BITS)
#define TCR_IRGN0 (1 << 8)
#define TCR_ORGN0 (1 << 10)
#define TCR_SH0   (3 << 12)
#define TCR_EPD1  (1 << 23)
#define TCR       (TCR_T0SZ | TCR_IRGN0 | TCR_ORGN0 | TCR_SH0 | TCR_EPD1)
#define PA_48     5

/* arch: R_AARCH64_RELATIVE */
#define RELATIVE 0x403

/* The header of an Image (booting.rst). */
    .section .image_head, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    b start
    .long 0
    .quad 0 /* text_offset: at the very start of RAM */
    /* The linker script puts the image's size here. */
    .section .image_head_rest, "ax", @progbits
    .quad 0xa /* little-endian, 4 KiB pages, anywhere in RAM */
    .quad 0, 0, 0
    .ascii "ARM\x64"
    .long 0

    .type start, @function
start:
    mov x21, x0
    msr daifset, #0xf

    /* The table: nothing of it may be in a cache while it is written past it. */
    adrp x20, early_table
    bl forget_table
    mov x0, x20
    add x1, x20, #TABLE_BYTES
1:  stp xzr, xzr, [x0], #16
    cmp x0, x1
    b.lo 1b
    adrp x0, _start
    bl map_gib
    adrp x0, _start
    mov x1, #1
    add x0, x0, x1, lsl #GIB_SHIFT
    bl map_gib
    mov x0, x21
    bl map_gib
    bl forget_table

    mov x0, #MAIR_VALUE
    msr mair_el1, x0
    ldr x0, =TCR
    mrs x1, id_aa64mmfr0_el1
    and x1, x1, #0xf
    mov x2, #PA_48
    cmp x1, x2
    csel x1, x1, x2, lo
    bfi x0, x1, #32, #3
    msr tcr_el1, x0
    msr ttbr0_el1, x20
    adrp x0, vectors
    add x0, x0, :lo12:vectors
    msr vbar_el1, x0
    /* FP and vector registers: no traps. */
    mov x0, #(3 << 20)
    msr cpacr_el1, x0
    dsb sy
    tlbi vmalle1
    ic iallu
    dsb sy
    isb
    ldr x0, =(SCTLR_RES1 | SCTLR_ON)
    msr sctlr_el1, x0
    isb

    adrp x0, _bss_start
    add x0, x0, :lo12:_bss_start
    adrp x1, _bss_end
    add x1, x1, :lo12:_bss_end
1:  cmp x0, x1
    b.hs 2f
    stp xzr, xzr, [x0], #16
    b 1b
2:  bl relocate
    adrp x0, arm_device_tree
    str x21, [x0, :lo12:arm_device_tree]

    adrp x0, trap_stack_end
    add x0, x0, :lo12:trap_stack_end
    msr spsel, #1
    mov sp, x0
    adrp x0, _stack_end
    add x0, x0, :lo12:_stack_end
    msr spsel, #0
    mov sp, x0
    mov x29, #0
    mov x30, #0
    bl kernel_main
1:  wfi
    b 1b
    .size start, . - start

/* Maps the GiB of address x0, if it is one of the 512; x20: the table. */
    .type map_gib, @function
map_gib:
    lsr x0, x0, #GIB_SHIFT
    cmp x0, #512
    b.hs 1f
    mov x1, #DESC_NORMAL
    add x1, x1, x0, lsl #GIB_SHIFT
    str x1, [x20, x0, lsl #3]
1:  ret
    .size map_gib, . - map_gib

/* Drops the table at x20 from the caches. */
    .type forget_table, @function
forget_table:
    dmb sy
    mov x0, x20
    add x1, x20, #TABLE_BYTES
1:  dc ivac, x0
    add x0, x0, #16 /* the smallest line there is */
    cmp x0, x1
    b.lo 1b
    dsb sy
    ret
    .size forget_table, . - forget_table

/* Adds to every address in the image what it is away from where it was linked. */
    .type relocate, @function
relocate:
    adrp x4, _start
    mov x5, #IMAGE_BASE
    sub x4, x4, x5
    cbz x4, 2f
    adrp x0, _rela_start
    add x0, x0, :lo12:_rela_start
    adrp x1, _rela_end
    add x1, x1, :lo12:_rela_end
1:  cmp x0, x1
    b.hs 2f
    ldp x2, x3, [x0], #16
    ldr x6, [x0], #8
    cmp w3, #RELATIVE
    b.ne 1b
    add x6, x6, x4
    str x6, [x2, x4]
    b 1b
2:  ret
    .size relocate, . - relocate

    .section .bss.trap_stack, "aw", @nobits
    .balign 16
    .skip TRAP_STACK_BYTES
    .globl trap_stack_end
trap_stack_end:

/* Not part of what is cleared above. */
    .section .early_table, "aw", @nobits
    .globl early_table
    .balign TABLE_BYTES
early_table:
    .skip TABLE_BYTES
