/* SPDX-License-Identifier: ISC */
/* Files and directories of the daemon: logs, run directory, lock. May block on
 * slow disks. */
#ifndef HOST_FILE_H
#define HOST_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

/* Opens for reading, CLOEXEC, without following the terminal into ownership.
 * Descriptor or -errno. */
__must_check int file_open_read(const char *path);

struct file_info {
    uint64_t dev, ino, size;
    int64_t mtime_ns, ctime_ns;
    bool regular, directory;
};
/* 0 or -errno. */
__must_check int file_stat_fd(int fd, struct file_info *info);

/*
 * Directory (path) exists afterwards, is a real directory (no symbolic link),
 * belongs to us and only we can write to it: made with mode 0700; one that was
 * there keeps its mode. Its parent must exist. 0, -EPERM when it is somebody
 * else's, -ENOTUNIQ when group or others can write to it, -ENOTDIR, -errno.
 */
__must_check int file_private_dir(const char *path);

/*
 * Creates/opens (path), mode 0600, and locks it exclusively. Returns the
 * descriptor that holds the lock (until closed), or -errno; without (wait)
 * -EWOULDBLOCK when somebody else holds it.
 */
__must_check int file_lock(const char *path, bool wait);

/* Opens (path) for appending, made with mode 0600 if need be; no symbolic link.
 * Descriptor or -errno. */
__must_check int file_open_append(const char *path);
/* Makes and opens (path) for writing, mode 0600; -EEXIST when it is there.
 * Descriptor or -errno. */
__must_check int file_create(const char *path);

/* Whether there is anything of that name, a symbolic link for instance, as far
 * as we can tell. */
bool file_exists(const char *path);
/* Removes a file; one that does not exist is fine. 0 or -errno. */
int file_remove(const char *path);
/* The same for an empty directory. */
int file_remove_dir(const char *path);

/* Writes (text) to a small existing file, such as one in /proc. 0 or -errno. */
__must_check int file_write_text(const char *path, const char *text);
/* Reads a small file (one of /proc, say) as a string: at most size - 1 bytes
 * and a NUL. Bytes read or -errno. */
__must_check long file_read_text(const char *path, char *buf, size_t size);

/*
 * A log file, appended to, kept below (max_bytes): before a write that would
 * exceed it, (path) is renamed to (path).1 (replacing an older one) and begun
 * anew. One thread at a time.
 */
struct logfile;
/* NULL and errno. Mode 0600. (path) is copied. */
struct logfile *logfile_open(const char *path, uint64_t max_bytes);
/* Appends. Errors are not reported (the log has nobody to tell): the bytes
 * are lost and counted. */
void logfile_write(struct logfile *f, const void *bytes, size_t len);
/* Bytes that could not be written so far. */
uint64_t logfile_lost(const struct logfile *f);
/* NULL is fine. */
void logfile_close(struct logfile *f);

#endif /* HOST_FILE_H */
