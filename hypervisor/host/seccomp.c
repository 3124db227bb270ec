/* SPDX-License-Identifier: ISC */
/* The half of the daemon's sandbox that is about system calls: seccomp(2). The
 * filter is made from sandbox_list.c. */
#include <host/sandbox.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <base/compiler.h>

#include "sandbox_list.h"

/* <asm-generic/siginfo.h>, which does not go together with libc's. */
#define CODE_SECCOMP 1

#define X32_BIT 0x40000000u

/* What SIGSYS's handler finds in si_errno (SECCOMP_RET_DATA). */
#define DATA_REFUSED 0u
#define DATA_DEADLY  1u

#define TRAP(data) (SECCOMP_RET_TRAP | (data))

#define ARG_LOW(n)                                                             \
    (offsetof(struct seccomp_data, args) + sizeof(uint64_t) * (n))
#define ARG_HIGH(n) (ARG_LOW(n) + 4u)

/* --- the filter -------------------------------------------------------------- */

struct program {
    struct sock_filter insn[1024];
    size_t len;
};

static void emit(struct program *p, unsigned code, uint32_t k, size_t jt,
                 size_t jf)
{
    if (p->len < ARRAY_SIZE(p->insn))
        p->insn[p->len] = (struct sock_filter)BPF_JUMP(
            (uint16_t)code, k, (uint8_t)jt, (uint8_t)jf);
    p->len++;
}

static void load(struct program *p, size_t offset)
{
    emit(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void ret(struct program *p, uint32_t action)
{
    emit(p, BPF_RET | BPF_K, action, 0, 0);
}

/* Goes on when the accumulator passes, else ends with (otherwise). */
static void require(struct program *p, unsigned jump, uint32_t k,
                    uint32_t otherwise)
{
    emit(p, BPF_JMP | jump | BPF_K, k, 1, 0);
    ret(p, otherwise);
}

static void require_not(struct program *p, unsigned jump, uint32_t k,
                        uint32_t otherwise)
{
    emit(p, BPF_JMP | jump | BPF_K, k, 0, 1);
    ret(p, otherwise);
}

static void test_argument(struct program *p, const struct sandbox_arg *a)
{
    const uint32_t deadly = TRAP(DATA_DEADLY);

    if (a->test == SANDBOX_NO_TEST)
        return;
    load(p, ARG_LOW(a->n));
    switch ((enum sandbox_test)a->test) {
    case SANDBOX_ONE_OF:
        /* Each jumps over the others and the verdict. */
        for (size_t i = 0; i < a->nr_values; i++)
            emit(p, BPF_JMP | BPF_JEQ | BPF_K, a->values[i], a->nr_values - i,
                 0);
        ret(p, deadly);
        break;
    case SANDBOX_NONE_OF_BITS:
        require_not(p, BPF_JSET, a->values[0], deadly);
        break;
    case SANDBOX_POSITIVE:
        require(p, BPF_JGT, 0, deadly);
        require_not(p, BPF_JSET, 0x80000000u, deadly);
        break;
    case SANDBOX_ZERO:
        require(p, BPF_JEQ, 0, deadly);
        load(p, ARG_HIGH(a->n));
        require(p, BPF_JEQ, 0, deadly);
        break;
    case SANDBOX_NO_TEST:
        break;
    }
}

/* (nr) is in the accumulator, and is again behind the call's block. */
static void add_call(struct program *p, const struct sandbox_call *c)
{
    size_t start = p->len;

    emit(p, BPF_JMP | BPF_JEQ | BPF_K, c->nr, 0, 0);
    for (size_t i = 0; i < ARRAY_SIZE(c->arg); i++)
        test_argument(p, &c->arg[i]);
    ret(p,
        c->verdict == SANDBOX_DEADLY ? TRAP(DATA_DEADLY) : SECCOMP_RET_ALLOW);
    if (start < ARRAY_SIZE(p->insn))
        p->insn[start].jf = (uint8_t)(p->len - start - 1);
}

static int build(struct program *p)
{
    p->len = 0;
    load(p, offsetof(struct seccomp_data, arch));
    require(p, BPF_JEQ, AUDIT_ARCH_X86_64, SECCOMP_RET_KILL_PROCESS);
    load(p, offsetof(struct seccomp_data, nr));
    require_not(p, BPF_JGE, X32_BIT, SECCOMP_RET_KILL_PROCESS);
    for (size_t i = 0; i < sandbox_list_size; i++)
        add_call(p, &sandbox_list[i]);
    ret(p, TRAP(DATA_REFUSED));
    return p->len <= ARRAY_SIZE(p->insn) ? 0 : -E2BIG;
}

/* --- what happens to a call that is not let through --------------------------- */

static unsigned refused;      /* calls; atomic                               */
static int last_refused = -1; /* atomic                                      */
static uint64_t told[16];     /* bit n: a line for number n has been; atomic */

static size_t append(char *line, size_t len, const char *text)
{
    while (*text)
        line[len++] = *text++;
    return len;
}

/* A line on standard error, by nothing that a signal handler may not do. */
static void tell(int nr, const char *then)
{
    const char *name = NULL;
    char line[160], digits[12];
    size_t len, i = sizeof(digits) - 1;
    unsigned v = (unsigned)nr;

    for (size_t n = 0; n < sandbox_list_size; n++)
        if (sandbox_list[n].nr == (uint32_t)nr)
            name = sandbox_list[n].name;
    digits[i] = '\0';
    do {
        digits[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    len = append(line, 0, "midge-hv: sandbox: system call ");
    len = append(line, len, digits + i);
    if (name) {
        len = append(line, len, " (");
        len = append(line, len, name);
        len = append(line, len, ")");
    }
    len = append(line, len, then);
    if (write(STDERR_FILENO, line, len) < 0) {
        /* There is nobody else to tell. */
    }
}

static bool first_time(int nr)
{
    uint64_t bit = 1ull << (nr % 64);
    unsigned word = (unsigned)nr / 64;

    if (word >= ARRAY_SIZE(told))
        return false;
    return !(__atomic_fetch_or(&told[word], bit, __ATOMIC_RELAXED) & bit);
}

static void on_sigsys(int sig, siginfo_t *si, void *context)
{
    ucontext_t *uc = context;
    int nr = si->si_syscall;

    if (si->si_code != CODE_SECCOMP || (unsigned)si->si_errno == DATA_DEADLY) {
        tell(nr, " is forbidden; this program ends\n");
        signal(sig, SIG_DFL);
        raise(sig); /* blocked until this returns */
        return;
    }
    __atomic_fetch_add(&refused, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&last_refused, nr, __ATOMIC_RELAXED);
    if (first_time(nr))
        tell(nr, " is not on the list; it fails\n");
    uc->uc_mcontext.gregs[REG_RAX] = -ENOSYS;
}

unsigned sandbox_refused(int *last)
{
    *last = __atomic_load_n(&last_refused, __ATOMIC_RELAXED);
    return __atomic_load_n(&refused, __ATOMIC_RELAXED);
}

int sandbox_syscalls(void)
{
    static struct program p;
    struct sigaction sa = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO};
    struct sock_fprog prog;
    long r;
    int rc = build(&p);

    if (rc)
        return rc;
    prog = (struct sock_fprog){(unsigned short)p.len, p.insn};
    if (sigaction(SIGSYS, &sa, NULL))
        return -errno;
    /* SPEC_ALLOW: older kernels would slow us down against code of others
     * within this process, which there is none of. */
    r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                &prog);
    if (r > 0)
        return -EBUSY; /* a thread that has a filter of its own */
    return r ? -errno : 0;
}
