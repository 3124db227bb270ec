/* SPDX-License-Identifier: ISC */
/* Fixed addresses of the x86 port; for C and assembly. */
#ifndef X86_LAYOUT_H
#define X86_LAYOUT_H

/* The image begins here (image.lds). Nothing below is used, but for: */
#define IMAGE_BASE 0x100000

/* Where shared_info is mapped. Midge's own builder maps it there at start when
 * a note of owner "Midge" and this type asks for it; elsewhere we do. */
#define SHARED_INFO_VA      0xfd000
#define NOTE_SHARED_INFO_VA 1

#endif /* X86_LAYOUT_H */
