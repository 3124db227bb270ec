/* SPDX-License-Identifier: ISC */
/* Reading kernel and ramdisk files, and saying what is wrong with them. */
#include <common/common.h>

#include <errno.h>
#include <stdlib.h>

#include <host/fd.h>
#include <host/file.h>

#define MAX_KERNEL_BYTES  (256ull << 20)
#define MAX_RAMDISK_BYTES (1ull << 30)
/* Of a table with more than these (24 MiB) no name is shown. */
#define MAX_SYMBOLS  (1u << 20)
#define KIB_PER_PAGE (PORTAL_PAGE_SIZE / 1024)

/* The line for a refusal by elf_read(). */
static int image_elf_error(const char *name, enum elf_error e, uint64_t value,
                           struct engine_error *err)
{
    const char *clause = elf_strerror(e);

    switch (e) {
    case ELF_E_MACHINE:
        return fail(err, -ENOEXEC,
                    "%s: %s (machine %llu, this engine runs x86-64: %d)", name,
                    clause, (unsigned long long)value, ELF_MACHINE_X86_64);
    case ELF_E_TOO_MANY:
        return fail(err, -ENOEXEC, "%s: %s (%llu, at most %d)", name, clause,
                    (unsigned long long)value, ELF_MAX_SEGMENTS);
    case ELF_E_OVERLAP:
    case ELF_E_ENTRY:
        return fail(err, -ENOEXEC, "%s: %s (0x%llx)", name, clause,
                    (unsigned long long)value);
    case ELF_E_NOTE:
        return fail(err, -ENOEXEC, "%s: %s (note type %llu)", name, clause,
                    (unsigned long long)value);
    default:
        return fail(err, -ENOEXEC, "%s: %s", name, clause);
    }
}

/* Checks that (fd) is a file of acceptable size. */
static int check_file(int fd, const char *name, uint64_t max_bytes,
                      struct file_info *info, struct engine_error *err)
{
    int rc = file_stat_fd(fd, info);

    if (rc)
        return fail_host(err, rc, name);
    if (info->directory)
        return fail(err, -EISDIR, "%s: is a directory, not an image", name);
    if (!info->regular)
        return fail(err, -EINVAL, "%s: not a regular file", name);
    if (info->size > max_bytes)
        return fail(err, -EFBIG, "%s: too big (%llu MiB, at most %llu MiB)",
                    name, (unsigned long long)(info->size >> 20),
                    (unsigned long long)(max_bytes >> 20));
    return 0;
}

/* Crash reports look names up under the daemon's lock: that must be quick. */
static int index_symbols(struct engine_template *t)
{
    uint64_t nr = elf_nr_symbols(&t->image);

    nr = nr > MAX_SYMBOLS ? 0 : nr;
    t->symbol_order = malloc(nr ? nr * sizeof(*t->symbol_order) : 1);
    if (!t->symbol_order)
        return -ENOMEM;
    elf_index_symbols(&t->image, t->symbol_order, nr);
    return 0;
}

int image_read(struct engine_template *t,
               const struct engine_template_params *p, struct engine_error *err)
{
    struct file_info before, after;
    enum elf_error e;
    int rc = check_file(p->kernel_fd, p->kernel_name, MAX_KERNEL_BYTES, &before,
                        err);

    if (rc)
        return rc;
    t->file = malloc(before.size ? before.size : 1);
    if (!t->file)
        return fail_host(err, -ENOMEM, p->kernel_name);
    rc = fd_pread_all(p->kernel_fd, t->file, before.size, 0);
    if (!rc)
        rc = file_stat_fd(p->kernel_fd, &after);
    /* An image being rebuilt in place must not become a mixture of two. */
    if (rc == -ENODATA || (!rc && (after.size != before.size ||
                                   after.ctime_ns != before.ctime_ns)))
        return fail(err, -EAGAIN,
                    "%s: changed while it was being read; try again",
                    p->kernel_name);
    if (rc)
        return fail_host(err, rc, p->kernel_name);
    e = elf_read(&t->image, t->file, before.size, ELF_MACHINE_X86_64);
    if (e != ELF_OK)
        return image_elf_error(p->kernel_name, e, t->image.error_value, err);
    rc = index_symbols(t);
    return rc ? fail_host(err, rc, p->kernel_name) : 0;
}

int image_ramdisk_size(const struct engine_template_params *p, uint64_t *bytes,
                       struct engine_error *err)
{
    struct file_info info;
    int rc;

    *bytes = 0;
    if (p->ramdisk_fd < 0)
        return 0;
    rc = check_file(p->ramdisk_fd, "ramdisk", MAX_RAMDISK_BYTES, &info, err);
    if (rc)
        return rc;
    *bytes = info.size;
    return 0;
}

/* "memory=16 MiB", or KiB when it is not a whole number. */
static int memory_error(const struct engine_template_params *p,
                        const char *what, uint64_t need_kib,
                        struct engine_error *err)
{
    unsigned long long kib = p->nr_pages * KIB_PER_PAGE;
    bool whole = kib % 1024 == 0;

    return fail(err, -ENOEXEC,
                "%s: memory=%llu %s is too small: the image%s needs at least "
                "%llu KiB",
                p->kernel_name, whole ? kib / 1024 : kib, whole ? "MiB" : "KiB",
                what, (unsigned long long)need_kib);
}

int image_plan_error(const struct engine_template_params *p, enum pv_error e,
                     uint64_t value, struct engine_error *err)
{
    const char *clause = pv_strerror(e);

    switch (e) {
    case PV_E_LOW:
    case PV_E_ADDRESS:
    case PV_E_NOTE:
        return fail(err, -ENOEXEC, "%s: %s (0x%llx)", p->kernel_name, clause,
                    (unsigned long long)value);
    case PV_E_MEMORY:
        return memory_error(p, "", value, err);
    case PV_E_RAMDISK:
        return memory_error(p, " with its ramdisk", value, err);
    case PV_E_TOO_BIG:
        return fail(err, -ENOEXEC, "%s: %llu KiB is %s", p->kernel_name,
                    (unsigned long long)value, clause);
    case PV_E_TEMPLATE:
        return fail(err, -ENOEXEC, "%s: %s: they take %llu MiB", p->kernel_name,
                    clause, (unsigned long long)value >> 10);
    default:
        return fail(err, -ENOEXEC, "%s: %s", p->kernel_name, clause);
    }
}
