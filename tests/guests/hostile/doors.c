/* SPDX-License-Identifier: ISC */
/* Other ways into Linux, and instructions that are nobody else's business. */
#include "hostile.h"

#include <base/string.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <xen/version.h>

/* attack.S */
long int80(long nr);
void sysenter64(void);
void compat_int80(void);
void compat_sysenter(void);
void compat_syscall(void);
extern const char raw_syscall_end[];

static int by_int80(void)
{
    int80(20);
    return survived("int80");
}

static int by_sysenter(void)
{
    sysenter64();
    return survived("sysenter");
}

static int by_compat_int80(void)
{
    compat_int80();
    return survived("compat-int80");
}

static int by_compat_sysenter(void)
{
    compat_sysenter();
    return survived("compat-sysenter");
}

static int by_compat_syscall(void)
{
    compat_syscall();
    return survived("compat-syscall");
}

/* gettimeofday, where Linux puts it in every process. */
static int by_vsyscall(void)
{
    static uint64_t tv[2];

    ((long (*)(void *, void *))0xffffffffff600000ul)(tv, NULL);
    return survived("vsyscall");
}

/* A `syscall' is a hypercall also where no compiler has put it. */
static int by_jit(void)
{
    uint8_t *page = page_alloc(0);
    uint64_t pte = va_of(page) | 0x67;
    long want = HYPERVISOR_xen_version(XENVER_version, NULL);

    if (CALL(update_va_mapping, va_of(page), pte, 0))
        return 3;
    memcpy(page, (const void *)(uintptr_t)raw_syscall,
           (size_t)(raw_syscall_end - (const char *)(uintptr_t)raw_syscall));
    if (((long (*)(unsigned))(uintptr_t)page)(__HYPERVISOR_xen_version) !=
            want ||
        raw_syscall(__HYPERVISOR_xen_version) != want)
        return survived("jit-syscall");
    return unharmed("jit-syscall");
}

static uint32_t cpuid(uint32_t leaf, unsigned reg)
{
    uint32_t r[4];

    __asm__ volatile("cpuid"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "a"(leaf), "c"(0));
    return r[reg];
}

/* FS is ours; GS too, but the kernel may want it in an upcall. */
static void wild_bases(void)
{
    uint64_t fs, gs;
    volatile uint8_t *mask =
        (volatile uint8_t *)(0xfd000 +
                             offsetof(struct shared_info,
                                      vcpu_info[0].evtchn_upcall_mask));

    *mask = 1;
    __asm__ volatile("rdfsbase %0; rdgsbase %1" : "=r"(fs), "=r"(gs));
    __asm__ volatile("wrfsbase %0; wrgsbase %0" : : "r"(0x00007ffffffff000ul));
    HYPERVISOR_xen_version(XENVER_version, NULL);
    raw_syscall(__HYPERVISOR_xen_version);
    __asm__ volatile("wrfsbase %0; wrgsbase %0" : : "r"(0xffffffff80000000ul));
    HYPERVISOR_xen_version(XENVER_version, NULL);
    raw_syscall(__HYPERVISOR_xen_version);
    __asm__ volatile("wrfsbase %0; wrgsbase %1" : : "r"(fs), "r"(gs));
    *mask = 0;
}

static int by_looking(void)
{
    uint64_t t, n = 0;
    uint8_t table[16];

    __asm__ volatile("rdtsc" : "=a"(t) : : "rdx");
    n += t;
    __asm__ volatile("rdtscp" : "=a"(t) : : "rcx", "rdx");
    n += t;
    if (cpuid(7, 2) & 1u << 22) {
        __asm__ volatile("rdpid %0" : "=r"(t));
        n += t;
    }
    if (cpuid(1, 2) & 1u << 30) {
        __asm__ volatile("rdrand %0" : "=r"(t) : : "cc");
        n += t;
    }
    __asm__ volatile("sgdt %0" : "=m"(table));
    __asm__ volatile("sidt %0" : "=m"(table));
    __asm__ volatile("smsw %0" : "=r"(t));
    if (cpuid(7, 1) & 1)
        wild_bases();
    printf("seen: %lu\n", n + t);
    return unharmed("instructions");
}

const struct attack door_attacks[] = {
    {"int80", by_int80},
    {"sysenter", by_sysenter},
    {"compat-int80", by_compat_int80},
    {"compat-sysenter", by_compat_sysenter},
    {"compat-syscall", by_compat_syscall},
    {"vsyscall", by_vsyscall},
    {"jit-syscall", by_jit},
    {"instructions", by_looking},
    {NULL, NULL},
};
