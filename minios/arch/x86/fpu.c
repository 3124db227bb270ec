/* SPDX-License-Identifier: ISC */
/*
 * Threads' registers: a new thread's, and those of one that is preempted, which
 * unlike one that calls a function may have anything in x87 and vector
 * registers. They are kept on its own stack.
 */
#include "arch/x86/x86.h"
#include "thread_priv.h"

#include <base/string.h>
#include <cpuid.h>

/* SDM 1, 8.1.5: as after fninit. */
#define FCW_DEFAULT 0x37f

_Static_assert(sizeof(struct switch_frame) == 64, "switch.S");

__attribute__((section(".rodata.midge_threads")))
DEFINE_MIDGE_THREADS(sizeof(struct switch_frame) / 8);

void *arch_thread_prepare(void *end)
{
    struct switch_frame *f = (struct switch_frame *)end - 1;

    memset(f, 0, sizeof(*f));
    f->mxcsr = MXCSR_DEFAULT;
    f->fcw = FCW_DEFAULT;
    f->rip = (uintptr_t)x86_thread_entry;
    return f;
}

/* FXSAVE's area, which XSAVE's begins with. */
#define FXSAVE_BYTES 512

static uint64_t fpu_mask; /* state components; 0: FXSAVE                      */
static uint64_t fpu_bytes;

static uint64_t read_xcr0(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

/* Where the last component of (fpu_mask) ends: in the standard form each has its
 * place whatever others there are. (SDM 2A, CPUID leaf 0DH) */
static uint64_t xsave_bytes(void)
{
    uint32_t size, offset, c, d;
    uint64_t end = FXSAVE_BYTES + 64;
    uint32_t i;

    for (i = 2; i < 63; i++) {
        if ((fpu_mask >> i & 1) == 0)
            continue;
        __cpuid_count(0xd, i, size, offset, c, d);
        end = MAX(end, (uint64_t)offset + size);
    }
    return end;
}

/* CPUID takes its time where it is intercepted: not before somebody is
 * preempted. */
static void find_fpu_state(void)
{
    uint32_t a, b, c = 0, d;

    fpu_bytes = FXSAVE_BYTES;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_OSXSAVE) == 0)
        return;
    fpu_mask = read_xcr0() & ~XCR0_AMX;
    fpu_bytes = xsave_bytes();
}

void x86_preempt(void)
{
    if (fpu_bytes == 0)
        find_fpu_state();
    x86_preempt_fpu(fpu_mask, fpu_bytes);
}
