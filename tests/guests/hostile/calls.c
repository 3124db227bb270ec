/* SPDX-License-Identifier: ISC */
/* Linux's system calls, issued at the monitor's own instruction: the list has to
 * refuse them whoever asks. Numbers: Linux x86-64. */
#include "hostile.h"

#include <base/string.h>
#include <minios/app.h>
#include <minios/stdio.h>

#define PROT_RWX      7
#define PRIVATE_FIXED 0x12
#define PRIVATE_ANON  0x22

struct call {
    const char *name;
    long regs[7]; /* rax, rdi, rsi, rdx, r10, r8, r9                        */
};

static const char path[] = "/etc/passwd";
static long words[8];

#define W ((long)words)
#define P ((long)path)

static const struct call calls[] = {
    {"read", {0, 3, W, 8}},
    {"open", {2, P, 0, 0}},
    {"openat", {257, -100, P, 0}},
    {"stat", {4, P, W, 0}},
    {"ioctl", {16, 3, 0x5401, W}},
    {"socket", {41, 1, 1, 0}},
    {"sendmsg", {46, 4, W, 0}},
    {"getpid", {39}},
    {"clone", {56, 17, 0, 0}},
    {"fork", {57}},
    {"vfork", {58}},
    {"clone3", {435, W, 64, 0}},
    {"execve", {59, P, 0, 0}},
    {"exit", {60, 0}},
    {"kill", {62, 1, 9, 0}},
    {"kill-stop-self", {62, 0, 19, 0}},
    {"tgkill", {234, 1, 1, 9}},
    {"ptrace", {101, 0, 0, 0}},
    {"process_vm_readv", {310, 1, W, 1, W, 1}},
    {"pidfd_open", {434, 1, 0}},
    {"fcntl", {72, 3, 3, 0}},
    {"fcntl-unseal", {72, 3, 1033, 0}},
    {"ftruncate", {77, 3, 0, 0}},
    {"fallocate", {285, 3, 3, 0, 4096}},
    {"memfd_create", {319, P, 0}},
    {"dup2", {33, 3, 9}},
    {"prctl", {157, 38, 0, 0}},
    {"prctl-dumpable", {157, 4, 0}},
    {"seccomp", {317, 1, 0, W}},
    {"setrlimit", {160, 9, W}},
    {"rt_sigaction", {13, 31, 0, W, 8}},
    {"rt_sigprocmask", {14, 0, W, 0, 8}},
    {"sigaltstack", {131, W, 0}},
    {"brk", {12, 0x8000000}},
    {"mremap", {25, 0x10000, 4096, 8192, 1}},
    {"madvise", {28, 0x10000, 4096, 4}},
    {"mlock", {149, 0x100000, 4096}},
    {"mprotect", {10, 0x10000, 4096, PROT_RWX}},
    {"userfaultfd", {323, 0}},
    {"bpf", {321, 0, W, 64}},
    {"io_uring_setup", {425, 1, W}},
    {"nanosleep", {35, W, 0}},
    {"x32", {0x40000000 + 2, P, 0, 0}},
    {"x32-write", {0x40000000 + 1, 4, P, 1}},
    {"futex-wake", {202, W, 1, 1}},
    {"futex-pi", {202, W, 6, 0}},
    {"futex-requeue", {202, W, 3, 1}},
    {"futex-wake-op", {202, W, 5, 1}},
    {"futex-private", {202, W, 128, 0}},
    {"write-ram-file", {1, 3, P, 1}},
    {"write-stderr", {1, 2, P, 1}},
    {"write-much", {1, 4, P, 4096}},
    {"mmap-0", {9, 0, 4096, PROT_RW, SHARED_FIXED, 3, 0}},
    {"mmap-low", {9, 0x8000, 4096, PROT_RW, SHARED_FIXED, 3, 0}},
    {"mmap-private", {9, 0x70000000, 4096, PROT_RW, PRIVATE_FIXED, 3, 0}},
    {"mmap-anon", {9, 0x70000000, 4096, PROT_RW, PRIVATE_ANON, -1, 0}},
    {"mmap-doorbell", {9, 0x70000000, 4096, PROT_RW, SHARED_FIXED, 4, 0}},
    {"mmap-wx", {9, 0x70000000, 4096, PROT_RWX, SHARED_FIXED, 3, 0}},
    {"mmap-monitor", {9, 0x10000, 4096, PROT_RW, SHARED_FIXED, 3, 0}},
    {"munmap-monitor", {11, 0x10000, 0x8000, 0}},
    {"itimer-prof", {38, 2, W, 0}},
};

/* `syscall' and `ret' in the monitor's text. */
static const void *find_syscall(void)
{
    const volatile uint8_t *p = (const volatile uint8_t *)MONITOR_TEXT;

    for (unsigned long i = 0; i < MONITOR_TEXT_MAX - MONITOR_TEXT; i++)
        if (p[i] == 0x0f && p[i + 1] == 0x05 && p[i + 2] == 0xc3)
            return (const void *)(MONITOR_TEXT + i);
    printf("no monitor here\n");
    app_exit(3);
}

const void *monitor_syscall(void)
{
    static const void *insn;

    if (!insn)
        insn = find_syscall();
    return insn;
}

long monitor_call(long nr, long a, long b, long c, long d, long e, long f)
{
    const long regs[7] = {nr, a, b, c, d, e, f};

    return syscall_at(monitor_syscall(), regs);
}

__noreturn void monitor_sigreturn(const void *frame)
{
    __asm__ volatile("mov %0, %%rsp; jmp *%1"
                     :
                     : "r"(frame), "r"(monitor_syscall()), "a"(NR_rt_sigreturn)
                     : "memory");
    __builtin_unreachable();
}

int try_call(const char *name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(calls); i++) {
        if (strcmp(name, calls[i].name) != 0)
            continue;
        syscall_at(monitor_syscall(), calls[i].regs);
        return survived(name);
    }
    return -1;
}

void list_calls(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(calls); i++)
        printf("call %s %ld\n", calls[i].name, calls[i].regs[0]);
}
