/* SPDX-License-Identifier: ISC */
/*
 * The consoles' log files. A domain that says nothing costs no descriptor, and
 * however many talk, only (max_open) files are open: the one written longest
 * ago makes room.
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <host/file.h>
#include <host/service.h>
#include "logs.h"

struct slot {
    struct log_handle *user; /* NULL = free                                */
    struct logfile *file;
    uint64_t used; /* console_logs.clock at the last write       */
};

struct console_logs {
    uint64_t max_bytes, clock;
    unsigned nr_slots;
    struct slot *slot;
    char dir[];
};

struct console_logs *console_logs_create(const char *dir, uint64_t max_bytes,
                                         unsigned max_open)
{
    struct console_logs *logs = calloc(1, sizeof(*logs) + strlen(dir) + 1);

    if (!logs)
        return NULL;
    logs->slot = calloc(max_open, sizeof(*logs->slot));
    if (!logs->slot) {
        free(logs);
        return NULL;
    }
    logs->nr_slots = max_open;
    logs->max_bytes = max_bytes;
    memcpy(logs->dir, dir, strlen(dir) + 1);
    return logs;
}

void console_logs_destroy(struct console_logs *logs)
{
    unsigned i;

    if (!logs)
        return;
    for (i = 0; i < logs->nr_slots; i++)
        logfile_close(logs->slot[i].file);
    free(logs->slot);
    free(logs);
}

static int log_path(const struct console_logs *logs, const char *name,
                    const char *suffix, char path[PATH_MAX])
{
    int n = snprintf(path, PATH_MAX, "%s/%s.log%s", logs->dir, name, suffix);

    return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

void console_logs_remove(struct console_logs *logs, const char *name)
{
    char path[PATH_MAX];

    if (!log_path(logs, name, "", path))
        (void)file_remove(path); /* a log that stays is no harm */
    if (!log_path(logs, name, ".1", path))
        (void)file_remove(path); /* as above */
}

static void close_slot(struct slot *s)
{
    logfile_close(s->file);
    s->file = NULL;
    if (s->user)
        s->user->slot = -1;
    s->user = NULL;
}

static struct slot *open_slot(struct console_logs *logs, struct log_handle *h)
{
    struct slot *s = &logs->slot[0];
    char path[PATH_MAX];
    unsigned i;

    for (i = 0; i < logs->nr_slots; i++) {
        if (!logs->slot[i].user) {
            s = &logs->slot[i];
            break;
        }
        if (logs->slot[i].used < s->used)
            s = &logs->slot[i];
    }
    close_slot(s);
    if (log_path(logs, h->name, "", path))
        return NULL;
    s->file = logfile_open(path, logs->max_bytes);
    if (!s->file)
        return NULL;
    s->user = h;
    h->slot = (int)(s - logs->slot);
    return s;
}

int log_write(struct console_logs *logs, struct log_handle *h,
              const char *bytes, size_t len)
{
    struct slot *s = h->slot < 0 ? open_slot(logs, h) : &logs->slot[h->slot];
    uint64_t lost;

    /* Without a file (disk full, no descriptor) the log misses these bytes;
     * the backlog and the reader still get them. */
    if (!s)
        return -EIO;
    s->used = ++logs->clock;
    lost = logfile_lost(s->file);
    logfile_write(s->file, bytes, len);
    return logfile_lost(s->file) == lost ? 0 : -EIO;
}

void log_release(struct console_logs *logs, struct log_handle *h)
{
    if (h->slot >= 0)
        close_slot(&logs->slot[h->slot]);
}

int log_rename(struct console_logs *logs, struct log_handle *h, const char *to)
{
    char from_path[PATH_MAX], to_path[PATH_MAX];
    int rc;

    log_release(logs, h);
    if (log_path(logs, h->name, "", from_path) ||
        log_path(logs, to, "", to_path))
        return -ENAMETOOLONG;
    console_logs_remove(logs, to);
    rc = file_rename(from_path, to_path);
    return rc == -ENOENT ? 0 : rc; /* nothing has been written yet */
}
