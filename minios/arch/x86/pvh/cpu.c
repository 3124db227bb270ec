/* SPDX-License-Identifier: ISC */
/* The CPU's own tables: segments, task state, interrupts; and its FPU. */
#include "arch/x86/pvh/pvh.h"

#include <minios/arch.h>
#include <minios/boot.h>
#include <cpuid.h>
#include <xen/errno.h>

/* entry.S */
extern const struct trap_entry pvh_trap_entries[];
extern const char pvh_upcall_entry[];

/* SDM 3A 3.4.5, 7.2.3: segments in 64-bit mode, already accessed. */
#define CODE64      0x00af9b000000ffff
#define DATA        0x00cf93000000ffff
#define TSS_PRESENT ((uint64_t)0x89 << 40)

#define SELECTOR_CODE 8
#define SELECTOR_TSS  24

/* SDM 3A 7.7 */
struct __packed_aligned(4) tss
{
    uint32_t reserved_0;
    uint64_t rsp[3];
    uint64_t reserved_1;
    uint64_t ist[7];
    uint64_t reserved_2;
    uint16_t reserved_3;
    uint16_t io_map;
};
_Static_assert(sizeof(struct tss) == 104, "SDM 3A 7.7");

/* SDM 3A 6.14.1 */
struct gate {
    uint16_t offset_0;
    uint16_t selector;
    uint8_t ist;
    uint8_t type;
    uint16_t offset_16;
    uint32_t offset_32;
    uint32_t reserved;
};
#define INTERRUPT_GATE 0x8e /* present; interrupts are off in the handler */

struct __packed_aligned(2) table_pointer
{
    uint16_t limit;
    uint64_t base;
};

static uint64_t gdt[5] = {0, CODE64, DATA};
static struct tss tss;
static struct gate idt[PVH_UPCALL_VECTOR + 1];

/*
 * Exceptions that may come when the stack has no room left, or that must not
 * trust it, have stacks of their own: a page fault, so that a stack overflow
 * can be told of, and those that tell of faults on the way to a handler.
 */
static const uint8_t ist_of[NR_EXCEPTIONS] = {
    [2] = 2,  /* non-maskable interrupt */
    [8] = 2,  /* double fault */
    [14] = 1, /* page fault */
    [18] = 2, /* machine check */
};
#define NR_IST 2

static void set_gate(unsigned vector, uintptr_t entry, uint8_t ist)
{
    idt[vector] = (struct gate){
        .offset_0 = (uint16_t)entry,
        .selector = SELECTOR_CODE,
        .ist = ist,
        .type = INTERRUPT_GATE,
        .offset_16 = (uint16_t)(entry >> 16),
        .offset_32 = (uint32_t)(entry >> 32),
    };
}

static void load_tables(void)
{
    const struct table_pointer gdtr = {sizeof(gdt) - 1, (uintptr_t)gdt};
    const struct table_pointer idtr = {sizeof(idt) - 1, (uintptr_t)idt};
    uint64_t base = (uintptr_t)&tss;

    gdt[3] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 | TSS_PRESENT |
             (base >> 24 & 0xff) << 56;
    gdt[4] = base >> 32;
    /* The selectors in use mean the same in this table as in the first one. */
    __asm__ volatile("lgdt %0; ltr %w1; lidt %2"
                     :
                     : "m"(gdtr), "r"(SELECTOR_TSS), "m"(idtr)
                     : "memory");
}

/* SDM 1, 13.3: CR4 and XCR0. */
#define CR4_OSFXSR     ((uint64_t)1 << 9)
#define CR4_OSXMMEXCPT ((uint64_t)1 << 10)
#define CR4_FSGSBASE   ((uint64_t)1 << 16)
#define CR4_OSXSAVE    ((uint64_t)1 << 18)

/* What Xen has done for a PV domain by the time it starts. */
static void init_fpu(void)
{
    uint32_t a = 0, b = 0, c = 0, d = 0, mxcsr = MXCSR_DEFAULT;
    uint64_t cr4;
    bool xsave;

    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
    xsave = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_XSAVE) != 0;
    if (xsave)
        cr4 |= CR4_OSXSAVE;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_FSGSBASE) != 0)
        cr4 |= CR4_FSGSBASE;
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4));
    if (xsave) {
        __cpuid_count(0xd, 0, a, b, c, d);
        a &= ~(uint32_t)XCR0_AMX;
        __asm__ volatile("xsetbv" : : "a"(a), "d"(d), "c"(0));
    }
    __asm__ volatile("fninit; ldmxcsr %0" : : "m"(mxcsr));
}

int pvh_init_traps(void)
{
    unsigned i;

    for (i = 0; i < NR_IST; i++) {
        const char *stack = pvh_boot_page(&boot_info);

        if (!stack)
            return -XEN_ENOMEM;
        tss.ist[i] = (uintptr_t)stack + X86_PAGE_SIZE;
    }
    tss.io_map = sizeof(tss); /* none */
    for (i = 0; pvh_trap_entries[i].entry != 0; i++) {
        unsigned vector = (unsigned)pvh_trap_entries[i].vector;

        set_gate(vector, pvh_trap_entries[i].entry, ist_of[vector]);
    }
    set_gate(PVH_UPCALL_VECTOR, (uintptr_t)pvh_upcall_entry, 0);
    load_tables();
    init_fpu();
    return 0;
}
