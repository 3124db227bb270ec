/* SPDX-License-Identifier: ISC */
/*
 * Raw Linux system calls for the libc-free programs (x86-64). Each returns the
 * kernel's result: >= 0, or -errno. The ones used after the filter is installed
 * are exactly those that it lets through.
 */
#ifndef VCPU_SYS_H
#define VCPU_SYS_H

#include <stdint.h>
#include <filter/calls.h>

/* Numbers: arch/x86/entry/syscalls/syscall_64.tbl; part of Linux's stable ABI. */
#define NR_close             3
#define NR_rt_sigaction      13
#define NR_rt_sigprocmask    14
#define NR_dup2              33
#define NR_sendmsg           46
#define NR_recvmsg           47
#define NR_clone             56
#define NR_getppid           110
#define NR_capset            126
#define NR_sigaltstack       131
#define NR_prctl             157
#define NR_sched_setaffinity 203
#define NR_seccomp           317
#define NR_close_range       436

#define LINUX_EINTR  4
#define LINUX_ENOMEM 12
#define LINUX_EINVAL 22

#define SIG_ILL  4
#define SIG_TRAP 5
#define SIG_BUS  7
#define SIG_FPE  8
#define SIG_KILL 9
#define SIG_USR1 10
#define SIG_SEGV 11
#define SIG_ALRM 14
#define SIG_CHLD 17
#define SIG_SYS  31

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
    long ret;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;

    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
                       "r"(r9)
                     : "rcx", "r11", "memory");
    return ret;
}

static inline long sys1(long nr, long a)
{
    return sys6(nr, a, 0, 0, 0, 0, 0);
}

static inline long sys3(long nr, long a, long b, long c)
{
    return sys6(nr, a, b, c, 0, 0, 0);
}

static inline long sys_mmap_file(uint64_t va, uint64_t bytes, int prot, int fd,
                                 uint64_t offset)
{
    return sys6(NR_mmap, (long)va, (long)bytes, prot, MMAP_SHARED_FIXED, fd,
                (long)offset);
}

static inline long sys_munmap(uint64_t va, uint64_t bytes)
{
    return sys3(NR_munmap, (long)va, (long)bytes, 0);
}

struct sys_timespec {
    int64_t sec, nsec;
};

/* Waits while *word == seen; timeout relative, NULL = for ever. */
static inline long sys_futex_wait(const volatile uint32_t *word, uint32_t seen,
                                  const struct sys_timespec *timeout)
{
    return sys6(NR_futex, (long)(uintptr_t)word, 0 /* FUTEX_WAIT, shared */,
                seen, (long)(uintptr_t)timeout, 0, 0);
}

__attribute__((noreturn)) static inline void sys_exit(int status)
{
    for (;;)
        sys1(NR_exit_group, status);
}

#endif /* VCPU_SYS_H */
