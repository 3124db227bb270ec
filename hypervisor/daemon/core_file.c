/* SPDX-License-Identifier: ISC */
/* Core files: the pages of a domain behind their headers, and the folder they
 * are kept in. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <host/fd.h>
#include <host/file.h>
#include <host/service.h>
#include "core_file.h"
#include "daemon.h"

#define PART        ".part"
#define SUFFIX      ".core"
#define SAME_SECOND 99

static bool read_table(void *arg, uint64_t mfn, uint64_t entries[CORE_ENTRIES])
{
    const struct core_file *c = arg;
    int r = c->engine->memory_read(c->mem, mfn, entries);

    if (!r)
        memset(entries, 0, CORE_PAGE);
    return r >= 0;
}

static bool all_zero(const uint64_t page[CORE_ENTRIES])
{
    unsigned i = 0;

    while (i < CORE_ENTRIES && !page[i])
        i++;
    return i == CORE_ENTRIES;
}

/* The pages of one run, from (off) on. A page that cannot be read is a hole. */
static int write_run(struct core_file *c, const struct core_run *run, int fd,
                     uint64_t off)
{
    uint64_t page[CORE_ENTRIES];
    int rc = 0;

    for (uint32_t i = 0; i < run->nr && !rc; i++) {
        int r = c->engine->memory_read(c->mem, run->mfn + i, page);

        if (r < 0)
            c->cut = true;
        if (r > 0 && !all_zero(page))
            rc = fd_pwrite_all(fd, page, CORE_PAGE,
                               off + (uint64_t)i * CORE_PAGE);
    }
    return rc;
}

static int write_all(struct core_file *c, const struct core_run *runs,
                     size_t nr, int fd)
{
    size_t size = core_header_size(nr);
    void *header = calloc(1, size);
    uint64_t off = size;
    int rc;

    if (!header)
        return -ENOMEM;
    core_fill_header(&c->meta, runs, nr, header);
    rc = fd_pwrite_all(fd, header, size, 0);
    free(header);
    for (size_t i = 0; i < nr && !rc; i++) {
        rc = write_run(c, &runs[i], fd, off);
        off += (uint64_t)runs[i].nr * CORE_PAGE;
    }
    c->bytes = core_file_size(runs, nr);
    return rc ? rc : fd_set_size(fd, c->bytes);
}

int core_file_write(struct core_file *c, int fd)
{
    const struct core_tables t = {
        .read = read_table,
        .arg = c,
        .cr3_mfn = c->engine->memory_cr3(c->mem),
        .nr_frames = c->engine->memory_nr_frames(c->mem),
    };
    struct core_run *runs = malloc(CORE_MAX_RUNS * sizeof(*runs));
    size_t nr;
    int rc;

    if (!runs)
        return -ENOMEM;
    nr = core_find_runs(&t, runs, CORE_MAX_RUNS, &c->cut);
    rc = write_all(c, runs, nr, fd);
    free(runs);
    return rc;
}

/* --- the folder ----------------------------------------------------------------*/

struct folder {
    const char *path;
    unsigned nr; /* core files                                             */
    char oldest[NAME_MAX + 1];
};

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), n = strlen(end);

    return len > n && !strcmp(name + len - n, end);
}

/* Where a core file's name has its time: "NAME-STAMP...". NULL: no core file. */
static const char *stamp_of(const char *name)
{
    const char *dash = strrchr(name, '-');

    return dash && ends_with(name, SUFFIX) && strlen(dash + 1) >= UTC_STAMP - 1
               ? dash + 1
               : NULL;
}

static void look_at(void *arg, const char *name)
{
    struct folder *f = arg;
    char path[PATH_MAX];

    if (ends_with(name, SUFFIX PART) &&
        snprintf(path, sizeof(path), "%s/%s", f->path, name) < PATH_MAX)
        (void)file_remove(path); /* then it stays */
    if (!stamp_of(name))
        return;
    f->nr++;
    if (!f->oldest[0] || strcmp(stamp_of(name), stamp_of(f->oldest)) < 0)
        (void)snprintf(f->oldest, sizeof(f->oldest), "%s", name); /* fits */
}

/* Makes room for one more. */
static int prune(const char *dir)
{
    char path[PATH_MAX];
    struct folder f;
    int rc;

    do {
        f = (struct folder){.path = dir};
        rc = service_list_dir(dir, look_at, &f);
        if (rc || f.nr < CORE_FILES_MAX)
            break;
        if (snprintf(path, sizeof(path), "%s/%s", dir, f.oldest) >= PATH_MAX)
            return -ENAMETOOLONG;
        rc = file_remove(path);
    } while (!rc);
    return rc;
}

/* A name that no file has yet. */
static int choose_name(const char *dir, const char *name, char path[PATH_MAX])
{
    char stamp[UTC_STAMP], number[16] = "";
    unsigned i;
    int fd, n;

    utc_stamp(stamp);
    for (i = 1; i <= SAME_SECOND; i++) {
        n = snprintf(path, PATH_MAX, "%s/%s-%s%s" SUFFIX, dir, name, stamp,
                     number);
        if (n < 0 || n + strlen(PART) >= PATH_MAX)
            return -ENAMETOOLONG;
        fd = file_open_read(path);
        if (fd == -ENOENT)
            return 0;
        fd_close(&fd);
        (void)snprintf(number, sizeof(number), ".%u", i); /* fits */
    }
    return -EEXIST;
}

int core_file_save(struct core_file *c, const char *dir, const char *name,
                   char path[PATH_MAX])
{
    char part[PATH_MAX];
    int fd, rc;

    rc = file_private_dir(dir);
    if (!rc)
        rc = prune(dir);
    if (!rc)
        rc = choose_name(dir, name, path);
    if (rc)
        return rc;
    (void)snprintf(part, sizeof(part), "%s" PART,
                   path); /* fits: choose_name() */
    fd = file_create(part);
    if (fd < 0)
        return fd;
    rc = core_file_write(c, fd);
    fd_close(&fd);
    if (!rc)
        rc = file_rename(part, path);
    if (rc)
        (void)file_remove(part); /* the next dump tries again */
    return rc;
}
