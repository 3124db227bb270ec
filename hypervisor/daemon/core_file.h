/* SPDX-License-Identifier: ISC */
/* Core files: written on a helper thread, without the lock. */
#ifndef DAEMON_CORE_FILE_H
#define DAEMON_CORE_FILE_H

#include <limits.h>
#include <coredump/coredump.h>
#include <engine/engine.h>

/* So many core files stay in the dump folder; the oldest make room. */
#define CORE_FILES_MAX 16

struct core_file {
    const struct engine_ops *engine;
    struct engine_memory *mem; /* borrowed                                 */
    struct core_meta meta;
    uint64_t bytes; /* of the file, holes included                         */
    bool cut;       /* something was left out                              */
};

/* Writes the core to (fd). 0 or -errno. */
__must_check int core_file_write(struct core_file *c, int fd);

/*
 * Writes it to (dir)/(name)-STAMP.core, with a number when that is taken: under
 * another name until it is complete. Makes (dir); removes what an interrupted
 * dump has left there, and all but the newest CORE_FILES_MAX - 1 core files.
 * (path) receives the name. 0 or -errno; then there is no file.
 */
__must_check int core_file_save(struct core_file *c, const char *dir,
                                const char *name, char path[PATH_MAX]);

#endif /* DAEMON_CORE_FILE_H */
