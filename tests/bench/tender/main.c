/* SPDX-License-Identifier: ISC */
/*
 * midge-bench-tender IMAGE [pause]: what a unikernel's tender, a program that
 * is executed once per guest, cannot do without: memory for the guest, the
 * image's bytes read into it, a seccomp filter, a jump. The "guest" reads the
 * time stamp counter; the program prints it and leaves, or with a second
 * argument stays until it is killed. Without libc.
 */
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <bench/bare.h>
#include <bench/filter.h>

#define PAGE      4096ul
#define MEMORY    (8ul << 20)
#define MEMORY_VA 0x100000000ul
/* The image is read behind the first page, which holds the guest's code. */
#define IMAGE_VA  (MEMORY_VA + PAGE)
#define IMAGE_MAX (64ul << 10)

/* The guest: rdtsc; shl $32, %rdx; or %rdx, %rax; ret */
#define GUEST_CODE 0x0f, 0x31, 0x48, 0xc1, 0xe2, 0x20, 0x48, 0x09, 0xd0, 0xc3

static void must(long result)
{
    if (result < 0)
        bare_exit(1);
}

static void make_memory(void)
{
    static const char name[] = "bench-tender";
    long fd = bare_call(SYS_memfd_create, (long)(uintptr_t)name, MFD_CLOEXEC, 0,
                        0, 0, 0);

    must(fd);
    must(bare_call(SYS_ftruncate, fd, MEMORY, 0, 0, 0, 0));
    must(bare_call(SYS_mmap, MEMORY_VA, MEMORY, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_FIXED, fd, 0));
    must(bare_call(SYS_close, fd, 0, 0, 0, 0, 0));
}

static void load(const char *image)
{
    static const unsigned char code[] = {GUEST_CODE};
    volatile unsigned char *to = (volatile unsigned char *)MEMORY_VA;
    long fd = bare_call(SYS_open, (long)(uintptr_t)image, O_RDONLY, 0, 0, 0, 0);

    must(fd);
    must(bare_call(SYS_pread64, fd, IMAGE_VA, IMAGE_MAX, 0, 0, 0));
    must(bare_call(SYS_close, fd, 0, 0, 0, 0, 0));
    for (unsigned i = 0; i < sizeof(code); i++)
        to[i] = code[i];
    must(bare_call(SYS_mprotect, MEMORY_VA, PAGE, PROT_READ | PROT_EXEC, 0, 0,
                   0));
}

static void confine(void)
{
    struct sock_filter insn[FILTER_LENGTH];
    struct sock_fprog prog = {.len = FILTER_LENGTH, .filter = insn};

    filter_build(insn);
    must(bare_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0));
    must(bare_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
                   (long)(uintptr_t)&prog, 0, 0, 0));
}

_Noreturn void bare_main(long argc, char **argv)
{
    uint64_t (*guest)(void) = (uint64_t(*)(void))MEMORY_VA;

    if (argc < 2)
        bare_exit(2);
    make_memory();
    load(argv[1]);
    confine();
    bare_print_tsc(guest());
    if (argc > 2)
        bare_pause();
    bare_exit(0);
}

BARE_START
