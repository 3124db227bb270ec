/* SPDX-License-Identifier: ISC */
/*
 * What a debugger or a crash report needs to know about a guest's threads: one
 * object under the symbol "midge_threads" in the image, which says where things
 * are. Readers (the hypervisor's report, the gdb script) take every word of it
 * for a claim: bounded, copied once, checked.
 *
 * All addresses are guest virtual addresses. Threads form a singly linked list;
 * the (off_*) are byte offsets in a thread object.
 */
#ifndef DEBUGINFO_THREADS_H
#define DEBUGINFO_THREADS_H

#include <stdint.h>

#define DEBUGINFO_THREADS_SYMBOL  "midge_threads"
#define DEBUGINFO_THREADS_MAGIC   0x5447444du /* "MDGT", little-endian      */
#define DEBUGINFO_THREADS_VERSION 1u
/* Bytes of a name, NUL included if it is shorter. */
#define DEBUGINFO_THREAD_NAME_MAX 16u

struct debuginfo_threads {
    uint32_t magic;
    uint32_t version;
    uint64_t current;  /* address of the pointer to the running thread     */
    uint64_t first;    /* address of the pointer to the list's first thread*/
    uint32_t off_next; /* pointer to the next thread, 0 = last     */
    uint32_t off_name; /* DEBUGINFO_THREAD_NAME_MAX bytes          */
    uint32_t off_stack_start; /* lowest usable address of its stack       */
    uint32_t off_stack_end;   /* first address above it                   */
    /* Of a thread that does not run: its stack pointer. There lie, upwards,
     * (saved_words) words, the last of which is the address it goes on at, the
     * one before it its frame pointer. */
    uint32_t off_saved_sp;
    uint32_t saved_words;
    uint32_t off_guard; /* start of the unmapped page below the stack, 0 =
                           none                                           */
    uint32_t reserved;
};

#endif /* DEBUGINFO_THREADS_H */
