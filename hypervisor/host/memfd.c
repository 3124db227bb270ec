/* SPDX-License-Identifier: ISC */
/* Anonymous files in memory, their seals and mappings. */
#include <host/memfd.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* <linux/memfd.h> of Linux 6.3; Debian 12's is older. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#define MFD_EXEC        0x0010u
#endif

static int create(const char *name, unsigned exec_flag, uint64_t bytes)
{
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = memfd_create(name, flags | exec_flag);
    int rc;

    if (fd < 0 && errno == EINVAL)
        fd = memfd_create(name, flags); /* kernels before 6.3 */
    if (fd < 0)
        return -errno;
    if (ftruncate(fd, (off_t)bytes)) {
        rc = -errno;
        close(fd);
        return rc;
    }
    return fd;
}

int memfd_create_sealable(const char *name, uint64_t bytes)
{
    return create(name, MFD_NOEXEC_SEAL, bytes);
}

int memfd_create_exec(const char *name, uint64_t bytes)
{
    return create(name, MFD_EXEC, bytes);
}

int memfd_seal(int fd, unsigned seals)
{
    int bits = F_SEAL_SEAL;

    if (seals & MEMFD_SEAL_SIZE)
        bits |= F_SEAL_GROW | F_SEAL_SHRINK;
    if (seals & MEMFD_SEAL_WRITE)
        bits |= F_SEAL_WRITE;
    return fcntl(fd, F_ADD_SEALS, bits) ? -errno : 0;
}

int memfd_reopen_readonly(int fd)
{
    char path[32];
    int r;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    r = open(path, O_RDONLY | O_CLOEXEC);
    return r < 0 ? -errno : r;
}

static int prot_of(bool writable)
{
    return writable ? PROT_READ | PROT_WRITE : PROT_READ;
}

void *memfd_map(int fd, uint64_t off, size_t bytes, bool writable)
{
    void *p = mmap(NULL, bytes, prot_of(writable), MAP_SHARED, fd, (off_t)off);

    return p == MAP_FAILED ? NULL : p;
}

int memfd_map_at(void *addr, int fd, uint64_t off, size_t bytes, bool writable)
{
    void *p = mmap(addr, bytes, prot_of(writable), MAP_SHARED | MAP_FIXED, fd,
                   (off_t)off);

    return p == MAP_FAILED ? -errno : 0;
}

void *memfd_map_again(void *first, uint64_t off, size_t bytes)
{
    /* mremap(2): an old size of 0 makes a second mapping of shared pages; it
     * may be larger than the first, and then covers more of the file. */
    size_t all = (size_t)off + bytes;
    char *p = mremap(first, 0, all, MREMAP_MAYMOVE);

    if (p == MAP_FAILED)
        return NULL;
    if (off)
        munmap(p, (size_t)off);
    return p + off;
}

void mem_unmap(void *addr, size_t bytes)
{
    if (addr)
        munmap(addr, bytes);
}

int mem_populate(void *addr, size_t bytes)
{
    if (madvise(addr, bytes, MADV_POPULATE_WRITE) == 0)
        return 0;
    /* EFAULT: a page would have given SIGBUS, which for our files means that
     * there is no memory. EINVAL: kernels before 5.14 populate on touch. */
    if (errno == EINVAL)
        return 0;
    return errno == EFAULT ? -ENOMEM : -errno;
}

int mem_punch(void *addr, size_t bytes)
{
    return madvise(addr, bytes, MADV_REMOVE) ? -errno : 0;
}

void *mem_reserve(size_t bytes, size_t align)
{
    size_t all = bytes + align;
    char *p = mmap(NULL, all, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    size_t lead;

    if (p == MAP_FAILED)
        return NULL;
    lead = (size_t)(-(uintptr_t)p & (align - 1));
    if (lead)
        munmap(p, lead);
    if (align - lead)
        munmap(p + lead + bytes, align - lead);
    return p + lead;
}

int mem_unreserve_at(void *addr, size_t bytes)
{
    void *p =
        mmap(addr, bytes, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

    return p == MAP_FAILED ? -errno : 0;
}

void *mem_alloc_pages(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}
