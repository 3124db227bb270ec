/* SPDX-License-Identifier: ISC */
/*
 * Attacks the host from inside a domain's process, as a guest that knows it is
 * on Midge: everything in the process is readable to it, the monitor included.
 * Whatever it does must end this domain alone; if an attack succeeds, it says
 * so. The argument names the attack.
 */

#include <base/compiler.h>
#include <base/string.h>
#include <minios/app.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <stdint.h>
#include <xen/memory.h>

const char app_name[] = "hostile";

/* attack.S */
void syscall_at(const void *insn, const long regs[7]);
long int80(long nr);
long update_va_mapping(uint64_t va, uint64_t pte, unsigned long flags);
extern const char self_writer[], self_writer_end[];

/* Where the monitor's text is (hypervisor side: portal/layout.h). */
#define MONITOR_TEXT     0x10000ul
#define MONITOR_TEXT_MAX 0x18000ul

#define PROT_RW       3
#define PROT_RWX      7
#define SHARED_FIXED  0x11
#define PRIVATE_FIXED 0x12
#define PRIVATE_ANON  0x22

struct attack {
    const char *name;
    long regs[7]; /* rax, rdi, rsi, rdx, r10, r8, r9                        */
};

static const char path[] = "/etc/passwd";
static long words[8];

/* The system calls, issued at the monitor's own instruction: the allow-list
 * has to refuse them whoever asks. Numbers: Linux x86-64. */
static const struct attack attacks[] = {
    {"open", {2, (long)path, 0, 0}},
    {"socket", {41, 1, 1, 0}},
    {"clone", {56, 17, 0, 0}},
    {"execve", {59, (long)path, 0, 0}},
    {"kill", {62, 1, 9, 0}},
    {"ptrace", {101, 0, 0, 0}},
    {"ftruncate", {77, 3, 0, 0}},
    {"fcntl-unseal", {72, 3, 1033, 0}},
    {"process_vm_readv", {310, 1, (long)words, 1, (long)words, 1}},
    {"mprotect", {10, 0x10000, 4096, PROT_RWX}},
    {"prctl", {157, 38, 0, 0}},
    {"x32", {0x40000000 + 2, (long)path, 0, 0}},
    {"futex-pi", {202, (long)words, 6, 0}},
    {"futex-requeue", {202, (long)words, 3, 1}},
    {"write-ram-file", {1, 3, (long)path, 1}},
    {"write-stderr", {1, 2, (long)path, 1}},
    {"write-much", {1, 4, (long)path, 4096}},
    {"mmap-private", {9, 0x70000000, 4096, PROT_RW, PRIVATE_FIXED, 3, 0}},
    {"mmap-anon", {9, 0x70000000, 4096, PROT_RW, PRIVATE_ANON, -1, 0}},
    {"mmap-doorbell", {9, 0x70000000, 4096, PROT_RW, SHARED_FIXED, 4, 0}},
    {"mmap-wx", {9, 0x70000000, 4096, PROT_RWX, SHARED_FIXED, 3, 0}},
    {"mmap-monitor", {9, 0x10000, 4096, PROT_RW, SHARED_FIXED, 3, 0}},
    {"munmap-monitor", {11, 0x10000, 0x8000, 0}},
    {"itimer-prof", {38, 2, (long)words, 0}},
};

/* The first `syscall' instruction in the monitor's text. */
static const void *find_syscall(void)
{
    const volatile uint8_t *p = (const volatile uint8_t *)MONITOR_TEXT;
    unsigned long i;

    for (i = 0; i < MONITOR_TEXT_MAX - MONITOR_TEXT; i++)
        if (p[i] == 0x0f && p[i + 1] == 0x05)
            return (const void *)(MONITOR_TEXT + i);
    return NULL;
}

static int by_syscall(const struct attack *a)
{
    const void *insn = find_syscall();

    if (!insn) {
        printf("no monitor here\n");
        return 3;
    }
    syscall_at(insn, a->regs);
    /* Only an attack that came back gets here, if that. */
    printf("SURVIVED %s\n", a->name);
    return 4;
}

/* Our own memory as far as Linux lets us write it: monitor data, portal,
 * shared_info, rings. */
static int scribble(void)
{
    volatile uint8_t *p = (volatile uint8_t *)0xfc000ul;
    uint32_t x = 12345, i;

    for (i = 0; i < 4 * 4096 * 16; i++) {
        x = x * 1664525 + 1013904223;
        p[(x >> 8) % (4 * 4096)] = (uint8_t)(x >> 24);
    }
    printf("scribbled\n");
    return 0;
}

/* The whole process image of the monitor above its text. */
static int overwrite_monitor(void)
{
    memset((void *)MONITOR_TEXT_MAX, 0xcc, 0x8000);
    printf("overwritten\n");
    return 0;
}

/* A page of code, written to by itself. Mapped both ways it is code or data,
 * as it was touched last. */
static int self_write(void)
{
    uint8_t *page = page_alloc(0);
    uint64_t pte = (uint64_t)(uintptr_t)page | 0x67;

    if (update_va_mapping((uintptr_t)page, pte, 0))
        return 3;
    memcpy(page, self_writer, (size_t)(self_writer_end - self_writer));
    ((void (*)(void))(uintptr_t)page)();
    printf("SURVIVED self-write\n");
    return 4;
}

static int write_text(void)
{
    *(volatile uint8_t *)MONITOR_TEXT = 0xcc;
    printf("SURVIVED write-text\n");
    return 4;
}

int main(int argc, char **argv)
{
    const char *want = argc > 1 ? argv[1] : "";

    printf("hostile: %s\n", want);
    /* Any call that is answered: what was said before has been heard then. */
    if (HYPERVISOR_memory_op(XENMEM_maximum_ram_page, NULL) <= 0)
        return 3;
    for (unsigned i = 0; i < ARRAY_SIZE(attacks); i++)
        if (strcmp(want, attacks[i].name) == 0)
            return by_syscall(&attacks[i]);
    if (strcmp(want, "int80") == 0) {
        printf("SURVIVED int80 %ld\n", int80(5));
        return 4;
    }
    if (strcmp(want, "scribble") == 0)
        return scribble();
    if (strcmp(want, "overwrite-monitor") == 0)
        return overwrite_monitor();
    if (strcmp(want, "write-text") == 0)
        return write_text();
    if (strcmp(want, "self-write") == 0)
        return self_write();
    for (unsigned i = 0; i < ARRAY_SIZE(attacks); i++)
        printf("%s\n", attacks[i].name);
    return 2;
}
