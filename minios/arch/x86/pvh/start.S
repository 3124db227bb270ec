/* SPDX-License-Identifier: ISC */
/*
 * Where Xen enters the image of a PVH domain (docs/misc/pvh of Xen): 32-bit
 * protected mode, flat segments, no paging, interrupts off, ebx = start_info.
 *
 * The first page tables identity-map the lowest 4 GiB, where Xen puts all that
 * we have to read, with all rights. They lie at the low end of the main stack,
 * which nobody reaches before they are replaced (paging.c).
 */
#define CR0_PE       (1 << 0)
#define CR0_MP       (1 << 1)
#define CR0_ET       (1 << 4)
#define CR0_NE       (1 << 5)
#define CR0_WP       (1 << 16)
#define CR0_PG       (1 << 31)
#define CR4_PAE      (1 << 5)
#define MSR_EFER     0xc0000080
#define EFER_LME     (1 << 8)
#define EFER_NXE     (1 << 11)
#define CPUID_NX     20 /* leaf 0x80000001, edx */

#define LARGE_PAGE 0x83 /* present, write, 2 MiB */
#define TABLE      0x03 /* present, write */

#define CODE64 8
#define DATA   16

#define TOP    _stack_start
#define THIRD  (_stack_start + 0x1000)
#define SECOND (_stack_start + 0x2000) /* four of them */

    .section .text.pvh_start, "ax", @progbits
    .code32
    .globl pvh_start
    .type pvh_start, @function
pvh_start:
    cld
    mov $TOP, %edi
    mov $(2 * 0x1000 / 4), %ecx
    xor %eax, %eax
    rep stosl
    movl $(THIRD + TABLE), TOP
    movl $(SECOND + TABLE), THIRD
    movl $(SECOND + 0x1000 + TABLE), THIRD + 8
    movl $(SECOND + 0x2000 + TABLE), THIRD + 16
    movl $(SECOND + 0x3000 + TABLE), THIRD + 24
    mov $SECOND, %edi
    mov $LARGE_PAGE, %eax
1:  mov %eax, (%edi)
    movl $0, 4(%edi)
    add $8, %edi
    add $0x200000, %eax
    jnc 1b /* 2048 of them */

    mov %ebx, %ebp
    mov $CR4_PAE, %eax
    mov %eax, %cr4
    mov $TOP, %eax
    mov %eax, %cr3
    mov $0x80000001, %eax
    cpuid
    mov $EFER_LME, %eax
    bt $CPUID_NX, %edx
    jnc 2f
    or $EFER_NXE, %eax
2:  xor %edx, %edx
    mov $MSR_EFER, %ecx
    wrmsr
    mov $(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
    mov %eax, %cr0
    lgdt gdt_pointer
    ljmp $CODE64, $3f

    .code64
3:  mov $DATA, %eax
    mov %eax, %ss
    mov %eax, %ds
    mov %eax, %es
    xor %eax, %eax
    mov %eax, %fs
    mov %eax, %gs
    lea _stack_end(%rip), %rsp
    mov %ebp, %eax
    mov %rax, pvh_start_info(%rip)
    movq $x86_pvh, x86_platform(%rip)
    xor %ebp, %ebp
    call kernel_main
    ud2
    .size pvh_start, . - pvh_start

/* Until cpu.c makes another. Marked as accessed, or the CPU would do so. */
    .section .rodata.pvh_gdt, "a", @progbits
    .balign 8
gdt:
    .quad 0
    .quad 0x00af9b000000ffff
    .quad 0x00cf93000000ffff
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long gdt
