/* SPDX-License-Identifier: ISC */
/*
 * Faults in zygotes and guests, which have no libc to wrap: a seccomp filter
 * that answers one system call with an error, installed before the exec. It says
 * of the argument only what a filter can see, which is enough to tell the calls
 * of one kind apart.
 */
#include "fault.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

void fault_zygote(void)
{
    const struct fault_page *p = fault_page;
    bool any = p->zygote_arg < 0;
    unsigned arg = any ? 0 : (unsigned)p->zygote_arg;
    unsigned nr = offsetof(struct seccomp_data, nr);
    unsigned value = (unsigned)offsetof(struct seccomp_data, args) + 8 * arg;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, nr),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)p->zygote_nr, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, value),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, p->zygote_value, 0, any ? 0 : 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | p->zygote_error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = {.len = sizeof(code) / sizeof(code[0]),
                              .filter = code};

    if (p->zygote_error &&
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog))
        abort();
}
