/* SPDX-License-Identifier: ISC */
/* Whether the kernel offers what an engine needs. */
#include <host/probe.h>

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int probe_seccomp(void)
{
    uint32_t action = SECCOMP_RET_KILL_PROCESS;

    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) ? -errno
                                                                      : 0;
}

int probe_fixed_mapping(unsigned long addr, unsigned long bytes)
{
    /* An address in nobody's memory, to be tried. */
    void *want = (void *)(uintptr_t)addr;
    void *p =
        mmap(want, bytes, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
             -1, 0);

    if (p == MAP_FAILED)
        return -errno;
    munmap(p, bytes);
    return p == want ? 0 : -EPERM;
}
