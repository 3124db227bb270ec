/* SPDX-License-Identifier: ISC */
/*
 * midge-swarm: makes many domains of one configuration over one connection, and
 * prints their ids, one a line, in the order they were made.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <base/compiler.h>
#include <xl/load.h>

#define COUNT_MAX 1000000
/* So many are on their way at once when each is made to end. */
#define DEPTH 4

static const char usage[] =
    "Usage: midge-swarm [-k] COUNT CONFIG [key=value...]\n"
    "\n"
    "Makes COUNT domains named swarm-0, swarm-1 and so on, which must end by\n"
    "themselves: waits for them, with four at a time. With -k they are not\n"
    "waited for, and stay. Stops at the first that cannot be made.\n";

/* A ring of domains that are waited for. */
struct waits {
    int64_t id[DEPTH];
    unsigned domid[DEPTH];
    unsigned long begun, ended;
};

static int say(const struct midge_error *err)
{
    fprintf(stderr, "midge-swarm: %s\n", err->text);
    return -1;
}

static int wait_oldest(struct midge *m, struct waits *w)
{
    unsigned long i = w->ended++ % DEPTH;
    struct midge_error err;
    struct midge_end end;

    if (midge_wait_finish(m, w->id[i], &end, &err) < 0)
        return say(&err);
    if (strcmp(end.reason, "poweroff") == 0)
        return 0;
    fprintf(stderr, "midge-swarm: domain %u ended by %s\n", w->domid[i],
            end.reason);
    return -1;
}

static int wait_start(struct midge *m, struct waits *w, unsigned domid)
{
    unsigned long i = w->begun++ % DEPTH;
    struct midge_error err;
    char text[16];

    snprintf(text, sizeof(text), "%u", domid);
    w->domid[i] = domid;
    if (midge_wait_start(m, text, &w->id[i], &err) < 0)
        return say(&err);
    return w->begun - w->ended == DEPTH ? wait_oldest(m, w) : 0;
}

static int make_all(struct midge *m, const struct xl_loaded *l,
                    unsigned long count, bool stay)
{
    struct waits w = {.begun = 0};
    struct midge_create request;
    struct midge_created made;
    struct midge_error err;
    char name[32];
    int rc = 0;

    xl_load_request(l, &request);
    request.name = name;
    for (unsigned long i = 0; i < count && rc == 0; i++) {
        snprintf(name, sizeof(name), "swarm-%lu", i);
        if (midge_create(m, &request, &made, &err) < 0)
            return say(&err);
        printf("%u\n", made.domid);
        if (!stay)
            rc = wait_start(m, &w, made.domid);
    }
    while (rc == 0 && w.ended < w.begun)
        rc = wait_oldest(m, &w);
    return rc;
}

static int run(struct xl_loaded *l, unsigned long count, bool stay)
{
    struct midge *m = NULL;
    struct midge_error err;
    int rc;

    if (xl_load_images(l, stderr) < 0)
        return -1;
    rc = midge_connect(NULL, &m, &err) < 0 ? say(&err)
                                           : make_all(m, l, count, stay);
    midge_close(m);
    return rc;
}

int main(int argc, char **argv)
{
    struct xl_loaded loaded;
    unsigned long count = 0;
    bool stay = false, bad = false;
    char *end = NULL;
    int opt, rc;

    while ((opt = getopt(argc, argv, "k")) != -1) {
        stay = stay || opt == 'k';
        bad = bad || opt != 'k';
    }
    if (!bad && argc - optind >= 2)
        count = strtoul(argv[optind], &end, 10);
    if (!end || *end || count < 1 || count > COUNT_MAX) {
        fputs(usage, stderr);
        return 2;
    }
    rc = xl_load(&loaded, argv[optind + 1], argv + optind + 2,
                 (size_t)(argc - optind - 2), stderr);
    if (rc == 0)
        rc = run(&loaded, count, stay);
    xl_unload(&loaded);
    if (fflush(stdout) || ferror(stdout))
        rc = -1;
    return rc < 0 ? 1 : 0;
}
