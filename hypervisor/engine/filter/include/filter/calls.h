/* SPDX-License-Identifier: ISC */
/* The system calls that a domain's process makes behind the filter, and what it
 * says in them (arch/x86/entry/syscalls/syscall_64.tbl and asm-generic of Linux;
 * part of its stable ABI). */
#ifndef FILTER_CALLS_H
#define FILTER_CALLS_H

#define NR_write           1
#define NR_mmap            9
#define NR_munmap          11
#define NR_rt_sigreturn    15
#define NR_sched_yield     24
#define NR_setitimer       38
#define NR_arch_prctl      158
#define NR_futex           202
#define NR_restart_syscall 219
#define NR_exit_group      231

#define MMAP_PROT_R       1
#define MMAP_PROT_W       2
#define MMAP_PROT_X       4
#define MMAP_SHARED_FIXED 0x11 /* MAP_SHARED | MAP_FIXED                   */

#define FUTEX_WAIT_SHARED 0
#define TIMER_REAL        0

/* Of arch_prctl: the codes in between are those that get the bases. */
#define ARCH_PRCTL_SET_GS 0x1001
#define ARCH_PRCTL_SET_FS 0x1002
#define ARCH_PRCTL_GET_FS 0x1003
#define ARCH_PRCTL_GET_GS 0x1004

#endif /* FILTER_CALLS_H */
