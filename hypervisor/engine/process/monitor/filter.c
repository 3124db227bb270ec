/* SPDX-License-Identifier: ISC */
/*
 * The wall. A domain's process may issue these system calls and no others,
 * whoever in it issues them; everything the guest could want beyond is a
 * hypercall.
 *
 *   futex(word, FUTEX_WAIT, ...)           sleep; wakes only by the daemon
 *   write(GUEST_FD_DOORBELL, buf, <= 1)    ring
 *   mmap(>= GUEST_VA_MIN, ..., MAP_SHARED | MAP_FIXED, RAM or template)
 *   munmap(>= GUEST_VA_MIN, ...)           follow the guest's page tables
 *   rt_sigreturn, sched_yield
 *   restart_syscall                        Linux itself goes on so with a timed
 *                                          futex wait after SIGSTOP, SIGCONT
 *   setitimer(ITIMER_REAL, ...)            the vCPU's one timer
 *   exit_group
 *   arch_prctl                             only without FSGSBASE
 *
 * The check of the instruction pointer in front is routing, not security: a
 * `syscall' outside the monitor's text is a Xen hypercall and becomes SIGSYS.
 * A guest that jumps to the monitor's own syscall instruction meets the list.
 */

#include "monitor.h"
#include "sys.h"
#include <base/compiler.h>

/* Classic BPF and seccomp ABI: linux/filter.h, linux/seccomp.h. */
struct bpf_insn {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};

struct bpf_prog {
    uint16_t len;
    const struct bpf_insn *insn;
};

#define BPF_LD_ABS 0x20u
#define BPF_JEQ    0x15u
#define BPF_JGT    0x25u
#define BPF_JGE    0x35u
#define BPF_JSET   0x45u
#define BPF_AND    0x54u
#define BPF_RET    0x06u

#define DATA_NR    0u
#define DATA_ARCH  4u
#define DATA_IP_LO 8u
#define DATA_IP_HI 12u
#define ARG_LO(n)  (16u + 8u * (n))
#define ARG_HI(n)  (20u + 8u * (n))

#define RET_KILL  0x80000000u /* the process */
#define RET_TRAP  0x00030000u
#define RET_ALLOW 0x7fff0000u

#define ARCH_X86_64 0xc000003eu

#define SECCOMP_SET_MODE_FILTER 1

struct program {
    struct bpf_insn insn[104];
    uint16_t len;
};

static void emit(struct program *p, unsigned code, uint32_t k, unsigned jt,
                 unsigned jf)
{
    if (p->len < ARRAY_SIZE(p->insn))
        p->insn[p->len] =
            (struct bpf_insn){(uint16_t)code, (uint8_t)jt, (uint8_t)jf, k};
    p->len++;
}

static void load(struct program *p, uint32_t offset)
{
    emit(p, BPF_LD_ABS, offset, 0, 0);
}

static void ret(struct program *p, uint32_t action)
{
    emit(p, BPF_RET, action, 0, 0);
}

/* Goes on when the word at (offset) equals (k), else kills. */
static void require(struct program *p, uint32_t offset, uint32_t k)
{
    load(p, offset);
    emit(p, BPF_JEQ, k, 1, 0);
    ret(p, RET_KILL);
}

/* Goes on when 64-bit argument (n) is at least GUEST_VA_MIN, else kills. */
static void require_guest_va(struct program *p, unsigned n)
{
    load(p, ARG_HI(n));
    emit(p, BPF_JEQ, 0, 0, 3); /* any higher half but 0 is high enough */
    load(p, ARG_LO(n));
    emit(p, BPF_JGE, (uint32_t)GUEST_VA_MIN, 1, 0);
    ret(p, RET_KILL);
}

/* Begins the block of one system call; ends with block_end(). */
static uint16_t block_begin(struct program *p, uint32_t nr)
{
    load(p, DATA_NR);
    emit(p, BPF_JEQ, nr, 0, 0);
    return (uint16_t)(p->len - 1);
}

static void block_end(struct program *p, uint16_t start)
{
    ret(p, RET_ALLOW);
    p->insn[start].jf = (uint8_t)(p->len - start - 1);
}

static void allow(struct program *p, uint32_t nr)
{
    block_end(p, block_begin(p, nr));
}

static void routing(struct program *p)
{
    uint32_t lo = (uint32_t)(uintptr_t)monitor_text_start;
    uint32_t hi = (uint32_t)(uintptr_t)monitor_text_end;

    require(p, DATA_ARCH, ARCH_X86_64); /* int80 dies here */
    load(p, DATA_IP_HI);
    emit(p, BPF_JEQ, 0, 0, 3);
    load(p, DATA_IP_LO);
    emit(p, BPF_JGE, lo, 0, 1);
    /* The address is that of the instruction after `syscall'. */
    emit(p, BPF_JGT, hi, 0, 1);
    ret(p, RET_TRAP);
}

static void build(struct program *p, bool strict_wx, bool arch_prctl)
{
    uint16_t b;

    routing(p);

    b = block_begin(p, NR_futex);
    require(p, ARG_LO(1), 0); /* FUTEX_WAIT */
    block_end(p, b);

    b = block_begin(p, NR_write);
    require(p, ARG_LO(0), GUEST_FD_DOORBELL);
    load(p, ARG_HI(2));
    emit(p, BPF_JEQ, 0, 0, 2);
    load(p, ARG_LO(2));
    emit(p, BPF_JGT, 1, 0, 1);
    ret(p, RET_KILL);
    block_end(p, b);

    b = block_begin(p, NR_mmap);
    require_guest_va(p, 0);
    load(p, ARG_LO(2));
    emit(p, BPF_JGT, MMAP_PROT_R | MMAP_PROT_W | MMAP_PROT_X, 0, 1);
    ret(p, RET_KILL);
    if (strict_wx) {
        emit(p, BPF_AND, MMAP_PROT_W | MMAP_PROT_X, 0, 0);
        emit(p, BPF_JEQ, MMAP_PROT_W | MMAP_PROT_X, 0, 1);
        ret(p, RET_KILL);
    }
    require(p, ARG_LO(3), MMAP_SHARED_FIXED);
    load(p, ARG_LO(4));
    emit(p, BPF_JEQ, GUEST_FD_RAM, 2, 0);
    emit(p, BPF_JEQ, GUEST_FD_TEMPLATE, 1, 0);
    ret(p, RET_KILL);
    block_end(p, b);

    b = block_begin(p, NR_munmap);
    require_guest_va(p, 0);
    block_end(p, b);

    b = block_begin(p, NR_setitimer);
    require(p, ARG_LO(0), 0); /* ITIMER_REAL */
    block_end(p, b);

    allow(p, NR_rt_sigreturn);
    allow(p, NR_sched_yield);
    allow(p, NR_restart_syscall);
    allow(p, NR_exit_group);
    if (arch_prctl)
        allow(p, NR_arch_prctl);
    ret(p, RET_KILL);
}

long filter_install(bool strict_wx, bool arch_prctl)
{
    struct program p = {.len = 0};
    struct bpf_prog prog;

    build(&p, strict_wx, arch_prctl);
    if (p.len > ARRAY_SIZE(p.insn))
        return -LINUX_EINVAL;
    prog = (struct bpf_prog){p.len, p.insn};
    return sys3(NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)(uintptr_t)&prog);
}
