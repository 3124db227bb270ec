/* SPDX-License-Identifier: ISC */
/*
 * The zygote: this program between its exec and the fork of a domain's process
 * (contract: portal/portal.h). It prepares once what every child inherits
 * (signal handlers, an address space without stack, vDSO and vvar), then forks
 * on request.
 */

#include <vcpu/vcpu.h>
#include <vcpu/sys.h>
#include <base/string.h>

#define AT_HWCAP2       26
#define AT_SYSINFO_EHDR 33
#define AT_MINSIGSTKSZ  51
#define PR_SET_NAME     15
#define CLONE_PARENT    0x8000
#define SOL_SOCKET      1
#define SCM_RIGHTS      1
#define MSG_NOSIGNAL    0x4000

/* linux/capability.h */
#define CAPABILITY_VERSION_3 0x20080522u

/* Below this, children of ours die before they could report anything. */
#define DEFAULT_MINSIGSTKSZ 2048

void zygote_complain(const char *text)
{
    sys3(NR_write, 2, (long)(uintptr_t)text, (long)strlen(text));
}

/* (sp) points at argc, argv[], NULL, envp[], NULL, auxv pairs. */
static struct vcpu_auxv read_auxv(const uint64_t *sp)
{
    struct vcpu_auxv a = {.min_signal_stack = DEFAULT_MINSIGSTKSZ};
    const uint64_t *p = sp + 1;

    while (*p++)
        ;
    while (*p++)
        ;
    for (; p[0]; p += 2) {
        if (p[0] == AT_HWCAP2)
            a.hwcap2 = p[1];
        else if (p[0] == AT_SYSINFO_EHDR)
            a.vdso = p[1];
        else if (p[0] == AT_MINSIGSTKSZ)
            a.min_signal_stack = p[1];
    }
    return a;
}

/*
 * Stack, vDSO and vvar go: they are of no use to a guest and their page tables
 * cost every child 4 KiB each. Everything from the first byte above the guest
 * area up to the end of user space goes, and what little lies below it.
 */
static void unmap_linux_gifts(void)
{
    sys_munmap(GUEST_VA_MIN, GUEST_VA_END - GUEST_VA_MIN);
}

/* What root's exec gave us nobody here needs. 0 or -errno. */
static long drop_capabilities(void)
{
    const uint32_t header[2] = {CAPABILITY_VERSION_3, 0};
    const uint32_t none[6] = {0};

    return sys3(NR_capset, (long)(uintptr_t)header, (long)(uintptr_t)none, 0);
}

/* Takes one request and its two descriptors. 0, or -errno (0 bytes: gone). */
static long receive(struct zygote_request *req, int fds[2])
{
    struct {
        uint64_t len;
        int32_t level, type;
        int32_t fd[2];
    } c = {0};
    struct {
        void *base;
        uint64_t len;
    } iov = {req, sizeof *req};
    struct {
        void *name;
        uint32_t name_len, pad;
        void *iov;
        uint64_t iov_len;
        void *control;
        uint64_t control_len;
        int32_t flags, pad2;
    } msg = {0, 0, 0, &iov, 1, &c, sizeof c, 0, 0};
    long n;

    do {
        n = sys3(NR_recvmsg, ZYGOTE_FD_CONTROL, (long)(uintptr_t)&msg, 0);
    } while (n == -LINUX_EINTR);
    if (n == 0)
        sys_exit(0); /* the daemon has closed its end */
    if (n != (long)sizeof *req || c.level != SOL_SOCKET ||
        c.type != SCM_RIGHTS || c.len != 16 + sizeof c.fd)
        sys_exit(1); /* the daemon never sends that */
    fds[0] = c.fd[0];
    fds[1] = c.fd[1];
    return 0;
}

/* Descriptors arrive anywhere; they must end up as 3 and 4. */
static void place(const int fds[2])
{
    sys3(NR_dup2, fds[0], GUEST_FD_RAM, 0);
    sys3(NR_dup2, fds[1], GUEST_FD_DOORBELL, 0);
    sys1(NR_close, fds[0]);
    sys1(NR_close, fds[1]);
}

static void reply(const struct zygote_request *req, long pid)
{
    const struct zygote_reply r = {req->token, pid};

    if (sys3(NR_write, ZYGOTE_FD_CONTROL, (long)(uintptr_t)&r, sizeof r) !=
        (long)sizeof r)
        sys_exit(1);
}

/* Occupies 3 and 4 while no request is being served, so that received
 * descriptors never land there. */
static void park_descriptors(void)
{
    sys3(NR_dup2, ZYGOTE_FD_CONTROL, GUEST_FD_RAM, 0);
    sys3(NR_dup2, ZYGOTE_FD_CONTROL, GUEST_FD_DOORBELL, 0);
}

/*
 * Puts this process where its next child belongs: the child inherits it, is
 * forked on the CPU that it will run on, and need not move. All requests of
 * one zygote come from the same worker, so this happens once.
 */
static void pin(uint32_t cpu)
{
    static uint32_t pinned = ZYGOTE_ANY_CPU;
    uint64_t mask[16] = {0};

    if (cpu == pinned)
        return;
    pinned = cpu;
    if (cpu < 64 * ARRAY_SIZE(mask))
        mask[cpu / 64] = 1ull << (cpu % 64);
    else
        for (unsigned i = 0; i < ARRAY_SIZE(mask); i++)
            mask[i] = ~0ull;
    /* A CPU that has gone away is no reason not to run. */
    sys3(NR_sched_setaffinity, 0, sizeof mask, (long)(uintptr_t)mask);
}

static __noreturn void serve(void)
{
    for (;;) {
        struct zygote_request req;
        int fds[2];
        long pid;

        park_descriptors();
        receive(&req, fds);
        place(fds);
        pin(req.cpu);
        pid = sys6(NR_clone, CLONE_PARENT | SIG_CHLD, 0, 0, 0, 0, 0);
        if (pid == 0)
            child_main(&req);
        reply(&req, pid);
    }
}

__noreturn void zygote_main(const uint64_t *initial_stack)
{
    const struct vcpu_auxv a = read_auxv(initial_stack);
    const char *wrong;

    unmap_linux_gifts();
    /* For ps and top; an exec from a memfd leaves no useful name. */
    sys3(NR_prctl, PR_SET_NAME, (long)(uintptr_t) "midge-guest", 0);
    if (drop_capabilities()) {
        zygote_complain("midge-guest: cannot give up its capabilities\n");
        sys_exit(1);
    }
    if (!hypercall_table_complete()) {
        zygote_complain("midge-guest: a local hypercall has no handler\n");
        sys_exit(1);
    }
    wrong = program_init(&a);
    if (wrong) {
        zygote_complain(wrong);
        sys_exit(1);
    }
    serve();
}
