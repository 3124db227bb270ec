/* SPDX-License-Identifier: ISC */
/* Files, directories, logs, memory files, ptys, machine facts. */
#include "host_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <host/fd.h>
#include <host/file.h>
#include <host/memfd.h>
#include <host/probe.h>
#include <host/pty.h>
#include <host/sysinfo.h>

#define PAGE 4096l

static char path[512];

static const char *in_dir(const char *name)
{
    snprintf(path, sizeof(path), "%s/%s", test_dir, name);
    return path;
}

static void test_private_dir(void)
{
    struct stat st;

    check(file_private_dir(in_dir("run")) == 0, "private directory made");
    check(stat(path, &st) == 0 && (st.st_mode & 07777) == 0700, "mode 0700");
    check(chmod(path, 0755) == 0 && file_private_dir(path) == 0, "again");
    check(stat(path, &st) == 0 && (st.st_mode & 07777) == 0755,
          "the mode of one that was there stays as it is");
    check(chmod(path, 0770) == 0 && file_private_dir(path) == -ENOTUNIQ,
          "one that the group can write to is refused");
    check(chmod(path, 01777) == 0 && file_private_dir(path) == -ENOTUNIQ,
          "one that others can write to is refused");
    check(stat(path, &st) == 0 && (st.st_mode & 07777) == 01777,
          "and left alone");
    check(chmod(path, 0700) == 0, "ours again");
    if (geteuid() == 0) {
        check(chown(path, 12345, 0) == 0, "given to somebody else");
        check(file_private_dir(path) == -EPERM, "not ours: refused");
    }
    check(rmdir(path) == 0, "removed");
    check(symlink("/tmp", in_dir("link")) == 0, "symbolic link");
    check(file_private_dir(path) == -ENOTDIR, "a link is refused");
    check(file_remove(path) == 0, "file_remove");
    check(file_remove(path) == 0, "nothing to remove: fine");
    check(file_private_dir(in_dir("a/b")) == -ENOENT, "no parent: refused");
}

static void test_lock(void)
{
    int fd = file_lock(in_dir("lock"), false);
    int second;

    check(fd >= 0, "lock taken");
    check(file_lock(path, false) == -EWOULDBLOCK, "second is told so");
    fd_close(&fd);
    second = file_lock(path, true);
    check(second >= 0, "free again once closed");
    fd_close(&second);
    check(file_remove(path) == 0, "removed");
}

static long size_of(const char *p)
{
    struct stat st;

    return stat(p, &st) ? -1 : (long)st.st_size;
}

static void test_log(void)
{
    char old[600], text[64];
    struct logfile *f = logfile_open(in_dir("log"), 100);

    snprintf(old, sizeof(old), "%s.1", path);
    check(f != NULL, "log opened");
    for (int i = 0; i < 9; i++)
        logfile_write(f, "0123456789", 10);
    check(size_of(path) == 90 && size_of(old) == -1, "no rotation below limit");
    logfile_write(f, "0123456789A", 11);
    check(size_of(path) == 11 && size_of(old) == 90, "rotated");
    logfile_close(f);
    f = logfile_open(path, 100);
    for (int i = 0; i < 9; i++)
        logfile_write(f, "abcdefghij", 10);
    check(size_of(path) == 10 && size_of(old) == 91,
          "goes on in an old file, counting what is there");
    check(file_read_text(path, text, sizeof(text)) == 10 &&
              !strcmp(text, "abcdefghij"),
          "the newest line is in the new file");
    check(logfile_lost(f) == 0, "nothing lost");
    logfile_close(f);
    check(file_remove(path) == 0 && file_remove(old) == 0, "removed");
}

static void test_memfd(void)
{
    int fd = memfd_create_sealable("test", 8 * PAGE);
    char *m = memfd_map(fd, 0, PAGE, true);
    char *again;
    int ro;

    check(fd >= 0 && m != NULL, "memfd made and mapped");
    check(memfd_seal(fd, MEMFD_SEAL_SIZE) == 0, "size sealed");
    check(ftruncate(fd, PAGE) != 0, "cannot shrink");
    check(ftruncate(fd, 9 * PAGE) != 0, "cannot grow");
    check(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) != 0, "no further seals");
    check(mem_populate(m, PAGE) == 0, "populate");
    check(fd_pwrite_all(fd, "hello", 6, 5 * PAGE) == 0, "pwrite");
    again = memfd_map_again(m, 5 * PAGE, PAGE);
    check(again && !strcmp(again, "hello"), "mapped without its descriptor");
    if (!again)
        abort();
    check(mem_punch(again, PAGE) == 0 && again[0] == 0, "hole punched");
    check(fd_pwrite_all(fd, "once more", 10, 5 * PAGE) == 0, "written again");
    mem_unmap(again, PAGE);
    mem_unmap(m, PAGE);
    ro = memfd_reopen_readonly(fd);
    m = memfd_map(ro, 5 * PAGE, PAGE, false);
    check(m && !strcmp(m, "once more"), "read through a read-only descriptor");
    check(memfd_map(ro, 0, PAGE, true) == NULL, "which cannot be mapped r/w");
    mem_unmap(m, PAGE);
    fd_close(&ro);
    fd_close(&fd);

    fd = memfd_create_sealable("test", PAGE);
    check(memfd_seal(fd, MEMFD_SEAL_SIZE | MEMFD_SEAL_WRITE) == 0, "sealed");
    check(fd_pwrite_all(fd, "x", 1, 0) == -EPERM, "not writable any more");
    ro = memfd_reopen_readonly(fd);
    m = memfd_map(ro, 0, PAGE, false);
    check(m != NULL, "a sealed file is mapped shared, read-only");
    mem_unmap(m, PAGE);
    fd_close(&ro);
    fd_close(&fd);
}

static void test_runs(void)
{
    char byte = 'x';
    int fd = memfd_create_sealable("runs", 20480), fd2;
    uint64_t end;
    bool data;

    check(fd_pwrite_all(fd, &byte, 1, 8192) == 0, "one page of five");
    check(fd_find_run(fd, 0, &end, &data) == 0 && !data && end == 8192,
          "a hole before it");
    check(fd_find_run(fd, 8192, &end, &data) == 0 && data && end == 12288,
          "data");
    check(fd_find_run(fd, 12288, &end, &data) == 0 && !data && end == 20480,
          "a hole up to the end");
    check(fd_find_run(fd, 20480, &end, &data) == -ENXIO, "nothing behind");
    fd_close(&fd);
    fd = file_create(in_dir("new"));
    check(fd_set_private(-1) == -EBADF, "no file, no mode");
    check(fd >= 0 && fd_set_size(fd, 12345) == 0, "a new file with a size");
    fd2 = file_create(path);
    check(fd2 == -EEXIST, "is made once");
    fd_close(&fd);
    check(file_remove(path) == 0, "and removed");
}

static void test_reserve(void)
{
    size_t bytes = 1ul << 24, align = 1ul << 21;
    char *base = mem_reserve(bytes, align);
    int fd = memfd_create_sealable("test", PAGE);

    check(base && ((uintptr_t)base & (align - 1)) == 0, "reserved, aligned");
    if (!base)
        abort();
    check(memfd_map_at(base + PAGE, fd, 0, PAGE, true) == 0, "mapped inside");
    base[PAGE] = 1;
    check(mem_unreserve_at(base + PAGE, PAGE) == 0, "and given back");
    mem_unmap(base, bytes);
    fd_close(&fd);
}

static void test_pty(void)
{
    char name[PTY_NAME_MAX], buf[16];
    int slave, other;
    int master = pty_open(name, &slave);

    check(master >= 0 && slave >= 0, "pty opened: %s", name);
    check(fd_read(master, buf, sizeof(buf)) == -EAGAIN, "nothing to read yet");
    other = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    check(other >= 0, "slave opened by name");
    check(fd_write(other, "a\nb", 3) == 3, "written");
    check(fd_read(master, buf, sizeof(buf)) == 3 && !memcmp(buf, "a\nb", 3),
          "raw: no carriage return is added");
    check(fd_write(master, "\003q", 2) == 2, "control character sent");
    check(fd_read(other, buf, sizeof(buf)) == 2 && buf[0] == 3, "and arrives");
    fd_close(&other);
    fd_close(&slave);
    fd_close(&master);
}

static void test_machine(void)
{
    struct sysinfo_limits l;
    uint64_t total = 0, available = 0;

    sysinfo_memory(&total, &available);
    check(total > available && available > 0, "memory");
    check(sysinfo_cpus() >= 1 && sysinfo_cpu(0) >= 0, "CPUs");
    check(sysinfo_cpu(100000) == -1, "no such CPU");
    sysinfo_limits(&l);
    check(l.max_map_count > 1000 && l.pid_max > 100, "limits");
    sysinfo_raise_limits();
    check(probe_seccomp() == 0, "seccomp is there");
    check(probe_fixed_mapping(0x10000, 0xec000) == 0, "low memory is mappable");
}

static void test_read(void)
{
    struct file_info info = {0};
    int fd = file_open_read("/proc/self/exe");

    check(fd >= 0 && file_stat_fd(fd, &info) == 0 && info.regular, "stat");
    check(info.size > 0 && info.ino && !info.directory, "size and number");
    fd_close(&fd);
    fd_close(&fd);
    check(file_open_read("/nowhere") == -ENOENT, "missing file");
    fd = file_open_read("/");
    check(file_stat_fd(fd, &info) == 0 && info.directory, "a directory");
    fd_close(&fd);
}

void test_files(void)
{
    test_private_dir();
    test_lock();
    test_log();
    test_memfd();
    test_runs();
    test_reserve();
    test_pty();
    test_machine();
    test_read();
}
