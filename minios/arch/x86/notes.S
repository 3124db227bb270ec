/* SPDX-License-Identifier: ISC */
/*
 * ELF notes: what a domain builder must know of this image (xen/elfnote.h).
 */
#include <xen/elfnote.h>

#include "arch/x86/layout.h"

    .macro NOTE_TEXT type, text:vararg
    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 2f - 1f, \type
    .asciz "Xen"
1:  .asciz \text
2:  .balign 4
    .endm

    .macro NOTE_NUMBER type, value
    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 8, \type
    .asciz "Xen"
    .quad \value
    .endm

    .macro NOTE_ADDRESS32 type, value
    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 4, \type
    .asciz "Xen"
    .long \value
    .endm

    NOTE_TEXT XEN_ELFNOTE_GUEST_OS, "midge"
    NOTE_TEXT XEN_ELFNOTE_XEN_VERSION, "xen-3.0"
    NOTE_TEXT XEN_ELFNOTE_LOADER, "generic"
    NOTE_NUMBER XEN_ELFNOTE_VIRT_BASE, 0
    NOTE_NUMBER XEN_ELFNOTE_PADDR_OFFSET, 0
    NOTE_NUMBER XEN_ELFNOTE_ENTRY, _start
    NOTE_ADDRESS32 XEN_ELFNOTE_PHYS32_ENTRY, pvh_start
    NOTE_NUMBER XEN_ELFNOTE_HYPERCALL_PAGE, hypercall_page
    /* Nothing is required of the hypervisor; page tables above 4 GiB are no
     * problem for a 64-bit guest. */
    NOTE_TEXT XEN_ELFNOTE_FEATURES, "pae_pgdir_above_4gb"
    NOTE_NUMBER XEN_ELFNOTE_SUPPORTED_FEATURES, 1 << 4

/* Ours: a builder that knows this note maps shared_info there. */
    .section .note.Midge, "a", @note
    .balign 4
    .long 6, 8, NOTE_SHARED_INFO_VA
    .asciz "Midge"
    .balign 4
    .quad SHARED_INFO_VA
