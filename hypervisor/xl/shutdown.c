/* SPDX-License-Identifier: ISC */
/* xl shutdown and xl reboot: what is asked of guests, and waiting for it. */
#include "xl.h"

#include <stdlib.h>
#include <string.h>
#include <xl/format.h>

struct job {
    struct midge *m;
    const char *request; /* "poweroff", "reboot"                            */
    const char *doing;   /* for messages                                    */
    bool wait;
    struct awaited {
        unsigned domid;
        int64_t id;
        bool paused;
    } * awaited;
    size_t nr_awaited;
};

/* Whether the domain has ended before it could be asked: as good as done. */
static bool was_late(const struct midge_error *err)
{
    return err->code == MIDGE_E_GONE || err->code == MIDGE_E_NOT_FOUND;
}

/* XL_OK, or XL_FAILED after a message; the connection may be good still. */
static int ask_one(struct job *j, const struct midge_domain *d, bool one_of_all)
{
    unsigned domid = d->domid;
    struct midge_error err;
    char name[16];
    int64_t id;

    snprintf(name, sizeof(name), "%u", domid);
    /* First, so that no end is missed. */
    if (j->wait) {
        if (midge_wait_start(j->m, name, &id, &err) < 0)
            return xl_fail(&err, name);
        j->awaited[j->nr_awaited].domid = domid;
        j->awaited[j->nr_awaited].paused = strchr(d->state, 'p') != NULL;
        j->awaited[j->nr_awaited++].id = id;
    }
    fprintf(stderr, "%s domain %u\n", j->doing, domid);
    if (midge_shutdown(j->m, name, j->request, &err) == 0 ||
        (one_of_all && was_late(&err)))
        return XL_OK;
    if (j->wait)
        j->nr_awaited--; /* its answer is thrown away with the connection */
    return xl_fail(&err, name);
}

static int wait_for_all(struct job *j)
{
    struct midge_error err;
    struct midge_end end;
    int code = XL_OK;

    if (j->nr_awaited)
        fprintf(stderr, "Waiting for %zu domain%s\n", j->nr_awaited,
                j->nr_awaited == 1 ? "" : "s");
    for (size_t i = 0; i < j->nr_awaited; i++)
        if (j->awaited[i].paused)
            fprintf(stderr,
                    "Domain %u is paused: unpause it, or wait in vain\n",
                    j->awaited[i].domid);
    for (size_t i = 0; i < j->nr_awaited; i++) {
        unsigned domid = j->awaited[i].domid;

        if (midge_wait_finish(j->m, j->awaited[i].id, &end, &err) < 0) {
            if (was_late(&err))
                continue;
            code = xl_fail(&err, NULL);
            if (err.code == MIDGE_E_SYSTEM || err.code == MIDGE_E_PROTOCOL)
                break;
        } else if (strcmp(end.reason, "destroyed") == 0) {
            fprintf(stderr, "Domain %u has been destroyed\n", domid);
        } else {
            fprintf(stderr, "Domain %u has been shut down, reason code %d\n",
                    domid, format_reason_number(end.reason));
        }
    }
    return code;
}

static int run(struct job *j, const struct midge_domain_list *list, bool all)
{
    int code = XL_OK;

    j->awaited = calloc(list->nr + 1, sizeof(*j->awaited));
    if (!j->awaited) {
        fprintf(stderr, "xl: out of memory\n");
        return XL_FAILED;
    }
    for (size_t i = 0; i < list->nr; i++) {
        unsigned domid = list->domain[i].domid;

        /* -a is neither for the host nor for those that have ended. */
        if (all && (!domid || list->domain[i].shutdown_reason[0]))
            continue;
        if (ask_one(j, &list->domain[i], all) != XL_OK)
            code = XL_FAILED;
    }
    if (wait_for_all(j) != XL_OK)
        code = XL_FAILED;
    free(j->awaited);
    return code;
}

static int shutdown_or_reboot(struct job *j, const struct command *self,
                              int argc, char **argv)
{
    static const struct option words[] = {
        {"all", no_argument, NULL, 'a'},
        {"wait", no_argument, NULL, 'w'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct midge_domain_list list;
    bool all = false;
    const char *name;
    int code, opt;

    while ((opt = next_option(self, argc, argv, "awF", words, &code)) != -1) {
        if (opt == -2)
            return code;
        all = all || opt == 'a';
        j->wait = j->wait || opt == 'w';
    }
    name = optind < argc ? argv[optind] : NULL;
    if (all == (name != NULL)) {
        fprintf(stderr, "xl %s: give either -a or a domain; see xl help %s\n",
                self->name, self->name);
        return XL_FAILED;
    }
    code = get_list(name, &list);
    if (code == XL_OK && list.nr) {
        j->m = xl_connect(NO_START);
        code = j->m ? run(j, &list, all) : XL_FAILED;
        midge_close(j->m);
    }
    midge_domain_list_free(&list);
    return code;
}

int cmd_shutdown(const struct xl *xl, const struct command *self, int argc,
                 char **argv)
{
    struct job j = {.request = "poweroff", .doing = "Shutting down"};

    (void)xl;
    return shutdown_or_reboot(&j, self, argc, argv);
}

int cmd_reboot(const struct xl *xl, const struct command *self, int argc,
               char **argv)
{
    struct job j = {.request = "reboot", .doing = "Rebooting"};

    (void)xl;
    return shutdown_or_reboot(&j, self, argc, argv);
}
