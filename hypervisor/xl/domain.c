/* SPDX-License-Identifier: ISC */
/* Commands on one domain, and the connection they use. */
#include "xl.h"

#include <stdlib.h>
#include <string.h>
#include <xl/console.h>

/* What libxl's ERROR_INVAL is; scripts may look for the whole line. */
#define NO_SUCH_DOMAIN "%s is an invalid domain identifier (rc=-6)\n"

int xl_fail(const struct midge_error *err, const char *name)
{
    if (err->code == MIDGE_E_NOT_FOUND && name)
        fprintf(stderr, NO_SUCH_DOMAIN, name);
    else
        fprintf(stderr, "xl: %s\n", err->text);
    return XL_FAILED;
}

static void report_slow(int daemon_pid, unsigned seconds)
{
    fprintf(stderr,
            "xl: midge-hv (pid %d) has not answered for %u s; still waiting\n",
            daemon_pid, seconds);
}

int xl_open(enum start start, struct midge **out, struct midge_error *err)
{
    struct midge_options opt = {.no_start = start == NO_START,
                                .slow = report_slow};

    return midge_connect(&opt, out, err);
}

struct midge *xl_connect(enum start start)
{
    struct midge_error err;
    struct midge *m = NULL;

    if (xl_open(start, &m, &err) == 0)
        return m;
    (void)xl_fail(&err, NULL);
    return NULL;
}

struct midge *xl_connect_for(const char *name)
{
    struct midge_error err;
    struct midge *m = NULL;

    if (xl_open(NO_START, &m, &err) == 0)
        return m;
    if (err.code == MIDGE_E_NO_DAEMON)
        err.code = MIDGE_E_NOT_FOUND;
    (void)xl_fail(&err, name);
    return NULL;
}

static int on_domain(const char *name, int (*op)(struct midge *, const char *,
                                                 struct midge_error *))
{
    struct midge *m = xl_connect_for(name);
    struct midge_error err;
    int code = XL_OK;

    if (!m)
        return XL_FAILED;
    if (op(m, name, &err) < 0)
        code = xl_fail(&err, name);
    midge_close(m);
    return code;
}

int cmd_destroy(const struct xl *xl, const struct command *self, int argc,
                char **argv)
{
    int code, opt;

    (void)xl;
    while ((opt = next_option(self, argc, argv, "f", NULL, &code)) != -1) {
        if (opt == -2)
            return code;
    }
    return on_domain(argv[optind], midge_destroy);
}

int cmd_pause(const struct xl *xl, const struct command *self, int argc,
              char **argv)
{
    int code;

    (void)xl;
    if (plain_arguments(self, argc, argv, &code) < 0)
        return code;
    return on_domain(argv[optind], midge_pause);
}

int cmd_unpause(const struct xl *xl, const struct command *self, int argc,
                char **argv)
{
    int code;

    (void)xl;
    if (plain_arguments(self, argc, argv, &code) < 0)
        return code;
    return on_domain(argv[optind], midge_unpause);
}

/* The one domain (name). 0, or XL_FAILED; (quiet): no such domain is not
 * reported here. */
static int look_up(const char *name, bool quiet, struct midge_domain *out)
{
    struct midge_domain_list list = {.nr = 0};
    struct midge_error err = {.code = MIDGE_E_NOT_FOUND};
    struct midge *m = NULL;
    int rc = xl_open(NO_START, &m, &err);

    if (rc == 0)
        rc = midge_list(m, name, &list, &err);
    if (rc == 0 && list.nr == 1) {
        *out = list.domain[0];
        out->kernel = NULL; /* the list's */
    } else if (rc == 0) {
        err.code = MIDGE_E_NOT_FOUND;
    }
    if (rc < 0 && err.code == MIDGE_E_NO_DAEMON)
        err.code = MIDGE_E_NOT_FOUND;
    if (rc == 0 && list.nr != 1)
        rc = -1;
    midge_domain_list_free(&list);
    midge_close(m);
    if (rc < 0 && !(quiet && err.code == MIDGE_E_NOT_FOUND))
        return xl_fail(&err, name);
    return rc < 0 ? XL_FAILED : XL_OK;
}

int cmd_domid(const struct xl *xl, const struct command *self, int argc,
              char **argv)
{
    struct midge_domain d = {.domid = 0};
    const char *name;
    int code;

    (void)xl;
    if (plain_arguments(self, argc, argv, &code) < 0)
        return code;
    name = argv[optind];
    /* A name that is a number would be taken for an id by the daemon. */
    if (name[strspn(name, "0123456789")] == '\0' ||
        look_up(name, true, &d) != XL_OK) {
        fprintf(stderr, "xl: there is no domain named '%s'\n", name);
        return XL_FAILED;
    }
    printf("%u\n", d.domid);
    return XL_OK;
}

int cmd_domname(const struct xl *xl, const struct command *self, int argc,
                char **argv)
{
    struct midge_domain d = {.domid = 0};
    const char *id;
    int code;

    (void)xl;
    if (plain_arguments(self, argc, argv, &code) < 0)
        return code;
    id = argv[optind];
    if (id[0] == '\0' || id[strspn(id, "0123456789")] != '\0') {
        fprintf(stderr, "xl: '%s' is not a domain id\n", id);
        return XL_FAILED;
    }
    if (look_up(id, true, &d) != XL_OK) {
        fprintf(stderr, "xl: there is no domain with id %s\n", id);
        return XL_FAILED;
    }
    printf("%s\n", d.name);
    return XL_OK;
}

int cmd_console(const struct xl *xl, const struct command *self, int argc,
                char **argv)
{
    struct midge_error err;
    struct midge_end end;
    struct midge *m;
    int64_t wait_id;
    int code, opt, tty;

    (void)xl;
    while ((opt = next_option(self, argc, argv, "t:n:", NULL, &code)) != -1) {
        if (opt == -2)
            return code;
        if (strcmp(optarg, opt == 't' ? "pv" : "0") != 0) {
            fprintf(stderr, "xl console: -%c %s: there is only %s\n", opt,
                    optarg, opt == 't' ? "pv" : "0");
            return XL_USAGE;
        }
    }
    m = xl_connect_for(argv[optind]);
    if (!m)
        return XL_FAILED;
    tty = console_open(m, argv[optind], &err);
    if (tty >= 0)
        console_hint();
    if (tty < 0 || midge_wait_start(m, argv[optind], &wait_id, &err) < 0)
        code = xl_fail(&err, argv[optind]);
    else
        code = console_run(m, tty, wait_id, &end) == CONSOLE_FAILED ? XL_FAILED
                                                                    : XL_OK;
    midge_close(m);
    return code;
}
