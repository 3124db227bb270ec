/* SPDX-License-Identifier: ISC */
/*
 * The page that a test and midge-hv-fault share: the test says what shall fail,
 * the daemon says what did, and how much of its heap is in use. A file of 4096
 * bytes whose name is in $MIDGE_FAULT; tests/boot/fault.py knows the layout.
 */
#ifndef FAULT_H
#define FAULT_H

/* Kinds of calls, numbered from 0: bits of fault_page.mask. */
#define FAULT_MALLOC       0
#define FAULT_MMAP         1
#define FAULT_MREMAP       2
#define FAULT_MADVISE      3
#define FAULT_MEMFD        4
#define FAULT_PIPE         5
#define FAULT_OPEN         6
#define FAULT_FOPEN        7
#define FAULT_OPENDIR      8
#define FAULT_SOCKETPAIR   9
#define FAULT_ACCEPT       10
#define FAULT_EPOLL_ADD    11
#define FAULT_EPOLL_CREATE 12
#define FAULT_EVENTFD      13
#define FAULT_TIMERFD      14
#define FAULT_SENDMSG      15
#define FAULT_RECVMSG      16
#define FAULT_PREAD        17
#define FAULT_PWRITE       18
#define FAULT_WRITE        19
#define FAULT_FCNTL        20
#define FAULT_VFORK        21
#define FAULT_SYSCALL      22
#define FAULT_THREAD       23
#define FAULT_PTY          24
#define FAULT_DUP          25
#define FAULT_RENAME       26
#define FAULT_MKDIR        27
#define FAULT_FTRUNCATE    28
#define FAULT_VM_READ      29
#define FAULT_PTRACE       30
#define FAULT_NR           31

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

struct fault_page {
    /* The test's. */
    uint32_t mask;      /* which kinds count; 0 = nothing fails            */
    int32_t nr;         /* the nr-th call fails, counted down              */
    uint32_t from;      /* 1: and all after it                             */
    int32_t error;      /* 0: what is natural for the kind                 */
    int32_t zygote_nr;  /* this system call fails in zygotes started from  */
    int32_t zygote_arg; /* now on, if argument (zygote_arg; -1: whatever)  */
    uint32_t zygote_value, zygote_error; /* is (zygote_value)             */
    /* The daemon's. */
    uint32_t fired;  /* calls that failed so far                           */
    uint32_t kind;   /* of the first of them                               */
    uint64_t caller; /* where it was called from, less the load address     */
    int64_t blocks, bytes; /* of heap in use                               */
    uint32_t unsealed;     /* the test's: files in memory stay as they are */
};

/* A static one stands in until the file is mapped, and without a file. */
extern struct fault_page *fault_page;

/* Whether this call is to fail; sets errno then. (args) are its first six,
 * as it will get them. */
bool fault_hit(uint64_t *args, unsigned kind, const void *caller);
/* For the kinds without arguments that matter. */
bool fault_hit_plain(unsigned kind, const void *caller);
/* In the child that is about to become a zygote. */
void fault_zygote(void);
#endif

#endif /* FAULT_H */
