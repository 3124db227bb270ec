/* SPDX-License-Identifier: ISC */
/* Which call fails: as the page says. */
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static struct fault_page nothing;
struct fault_page *fault_page = &nothing;

/* The linker's: where the program begins. */
extern const char __ehdr_start[];

/* What a shortage makes of each kind. */
static const int natural[FAULT_NR] = {
    [FAULT_MALLOC] = ENOMEM,       [FAULT_MMAP] = ENOMEM,
    [FAULT_MREMAP] = ENOMEM,       [FAULT_MADVISE] = EFAULT,
    [FAULT_MEMFD] = EMFILE,        [FAULT_PIPE] = EMFILE,
    [FAULT_OPEN] = EMFILE,         [FAULT_FOPEN] = EMFILE,
    [FAULT_OPENDIR] = EMFILE,      [FAULT_SOCKETPAIR] = EMFILE,
    [FAULT_ACCEPT] = EMFILE,       [FAULT_EPOLL_ADD] = ENOSPC,
    [FAULT_EPOLL_CREATE] = EMFILE, [FAULT_EVENTFD] = EMFILE,
    [FAULT_TIMERFD] = EMFILE,      [FAULT_SENDMSG] = ENOBUFS,
    [FAULT_RECVMSG] = ENOMEM,      [FAULT_PREAD] = EIO,
    [FAULT_PWRITE] = ENOSPC,       [FAULT_WRITE] = ENOSPC,
    [FAULT_FCNTL] = EMFILE,        [FAULT_VFORK] = EAGAIN,
    [FAULT_SYSCALL] = ENOMEM,      [FAULT_THREAD] = EAGAIN,
    [FAULT_PTY] = EMFILE,          [FAULT_DUP] = EBUSY,
    [FAULT_RENAME] = ENOSPC,       [FAULT_MKDIR] = ENOSPC,
    [FAULT_FTRUNCATE] = ENOMEM,    [FAULT_VM_READ] = ENOMEM,
    [FAULT_PTRACE] = EPERM,
};

/* Before main(), and before any thread. Without a file nothing ever fails. */
static __attribute__((constructor)) void map_page(void)
{
    const char *path = getenv("MIDGE_FAULT");
    int fd = path ? (int)syscall(SYS_open, path, O_RDWR | O_CLOEXEC) : -1;
    struct fault_page *page;

    if (fd < 0)
        return;
    page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (page == MAP_FAILED)
        abort();
    page->blocks = nothing.blocks;
    page->bytes = nothing.bytes;
    fault_page = page;
}

static bool is_file(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* Whether the call is one that can fail for want of something. */
static bool may_fail(const uint64_t *args, unsigned kind)
{
    switch (kind) {
    case FAULT_MADVISE:
        return args[2] == MADV_POPULATE_WRITE;
    case FAULT_EPOLL_ADD:
        return args[1] == EPOLL_CTL_ADD;
    case FAULT_WRITE:
        return is_file((int)args[0]);
    case FAULT_FCNTL:
        return args[1] == F_DUPFD_CLOEXEC;
    case FAULT_SYSCALL:
        return args[0] == SYS_pidfd_open || args[0] == SYS_execveat ||
               args[0] == SYS_clone;
    default:
        return true;
    }
}

bool fault_hit_plain(unsigned kind, const void *caller)
{
    struct fault_page *p = fault_page;
    int32_t left;

    if (!(__atomic_load_n(&p->mask, __ATOMIC_ACQUIRE) >> kind & 1))
        return false;
    left = __atomic_sub_fetch(&p->nr, 1, __ATOMIC_SEQ_CST);
    if (left > 0 || (left < 0 && !p->from))
        return false;
    if (!__atomic_fetch_add(&p->fired, 1, __ATOMIC_SEQ_CST)) {
        p->kind = kind;
        p->caller = (uint64_t)((const char *)caller - __ehdr_start);
    }
    errno = p->error ? p->error : natural[kind];
    return true;
}

bool fault_hit(uint64_t *args, unsigned kind, const void *caller)
{
    int saved = errno;

    if (kind == FAULT_FCNTL && args[1] == F_ADD_SEALS && fault_page->unsealed)
        args[2] = 0;
    if (kind == FAULT_SYSCALL && args[0] == SYS_execveat)
        fault_zygote();
    if (may_fail(args, kind) && fault_hit_plain(kind, caller))
        return true;
    errno = saved;
    return false;
}
