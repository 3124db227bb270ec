/* SPDX-License-Identifier: ISC */
/* A new thread's registers. */
#include "arch/arm/arm.h"
#include "thread_priv.h"

#include <base/string.h>

__attribute__((section(".rodata.midge_threads")))
DEFINE_MIDGE_THREADS(sizeof(struct switch_frame) / 8);

void *arch_thread_prepare(void *end)
{
    struct switch_frame *f = (struct switch_frame *)end - 1;

    memset(f, 0, sizeof(*f));
    f->lr = (uintptr_t)arm_thread_entry;
    return f;
}
