/* SPDX-License-Identifier: ISC */
/* What measuring programs do with the client library. */
#include <bench/client.h>

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int bench_open(struct bench *b, const char *program, const char *file,
               char *const *vars, size_t nr)
{
    struct midge_error err;

    b->m = NULL;
    if (xl_load(&b->loaded, file, vars, nr, stderr) < 0 ||
        xl_load_images(&b->loaded, stderr) < 0)
        return -1;
    if (midge_run_dir(b->run_dir, sizeof(b->run_dir), &err) < 0 ||
        midge_connect(NULL, &b->m, &err) < 0) {
        fprintf(stderr, "%s: %s\n", program, err.text);
        return -1;
    }
    return 0;
}

void bench_close(struct bench *b)
{
    midge_close(b->m);
    xl_unload(&b->loaded);
}

int wait_blocked(struct midge *m, unsigned domid, struct midge_error *err)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", domid);
    for (;;) {
        struct midge_domain_list list;
        bool blocked;

        if (midge_list(m, text, &list, err) < 0)
            return -1;
        blocked = list.nr == 1 && strchr(list.domain[0].state, 'b');
        midge_domain_list_free(&list);
        if (blocked)
            return 0;
        /* It may share our CPU. */
        (void)sched_yield(); /* cannot fail on Linux */
    }
}

static void log_path(char path[PATH_MAX], const char *run_dir, const char *name)
{
    snprintf(path, PATH_MAX, "%s/console/%s.log", run_dir, name);
}

uint64_t guest_tsc(const char *run_dir, const char *name)
{
    char path[PATH_MAX], line[512];
    uint64_t tsc = 0;
    FILE *f;

    log_path(path, run_dir, name);
    f = fopen(path, "re");
    if (!f)
        return 0;
    while (fgets(line, sizeof(line), f)) {
        if (strncmp(line, "tsc: ", 5) == 0)
            tsc = strtoull(line + 5, NULL, 10);
    }
    (void)fclose(f); /* was only read */
    return tsc;
}

void remove_log(const char *run_dir, const char *name)
{
    char path[PATH_MAX];

    log_path(path, run_dir, name);
    (void)unlink(path); /* there need not be one */
}
