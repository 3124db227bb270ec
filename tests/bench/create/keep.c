/* SPDX-License-Identifier: ISC */
/* Many domains, kept while somebody looks at the machine. */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct kept {
    unsigned *domid;
    unsigned long nr;
};

static int create_all(struct midge *m, const struct midge_create *p,
                      const char *prefix, unsigned long count, struct kept *k,
                      struct midge_error *err)
{
    struct midge_create request = *p;
    struct midge_created created;
    char name[64];

    request.name = name;
    while (k->nr < count) {
        snprintf(name, sizeof(name), "%s-%lu", prefix, k->nr);
        if (midge_create(m, &request, &created, err) < 0)
            return -1;
        k->domid[k->nr++] = created.domid;
    }
    for (unsigned long i = 0; i < k->nr; i++) {
        if (wait_blocked(m, k->domid[i], err) < 0)
            return -1;
    }
    return 0;
}

/* Returns the last failure, but goes on. */
static int destroy_all(struct midge *m, const struct kept *k,
                       const char *prefix, const char *run_dir,
                       struct midge_error *err)
{
    char text[64];
    int rc = 0;

    for (unsigned long i = 0; i < k->nr; i++) {
        snprintf(text, sizeof(text), "%u", k->domid[i]);
        if (midge_destroy(m, text, err) < 0)
            rc = -1;
        snprintf(text, sizeof(text), "%s-%lu", prefix, i);
        remove_log(run_dir, text);
    }
    return rc;
}

int keep(struct midge *m, const struct midge_create *p, const char *prefix,
         unsigned long count, const char *run_dir, struct midge_error *err)
{
    struct kept k = {.domid = calloc(count + 1, sizeof(*k.domid))};
    struct midge_error first;
    char byte;
    int rc;

    if (!k.domid) {
        err->code = MIDGE_E_NO_MEMORY;
        snprintf(err->text, sizeof(err->text), "out of memory");
        return -1;
    }
    rc = create_all(m, p, prefix, count, &k, err);
    first = *err;
    if (rc == 0) {
        printf("ready\n");
        if (fflush(stdout) == 0)
            while (read(0, &byte, 1) > 0)
                ;
    }
    if (destroy_all(m, &k, prefix, run_dir, err) < 0 && rc == 0)
        rc = -1;
    else if (rc < 0)
        *err = first;
    free(k.domid);
    return rc;
}
