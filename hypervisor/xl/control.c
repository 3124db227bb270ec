/* SPDX-License-Identifier: ISC */
/* xl rename, sysrq and trigger. */
#include "xl.h"

#include <stdlib.h>
#include <string.h>

/* What came of a call about domain (name); closes (m). */
static int finish(struct midge *m, int rc, const struct midge_error *err,
                  const char *name)
{
    midge_close(m);
    return rc < 0 ? xl_fail(err, name) : XL_OK;
}

int cmd_rename(const struct xl *xl, const struct command *self, int argc,
               char **argv)
{
    struct midge_error err;
    struct midge *m;
    int code, rc;

    (void)xl;
    if (plain_arguments(self, argc, argv, &code) < 0)
        return code;
    m = xl_connect_for(argv[optind]);
    if (!m)
        return XL_FAILED;
    rc = midge_rename(m, argv[optind], argv[optind + 1], &err);
    return finish(m, rc, &err, argv[optind]);
}

int cmd_sysrq(const struct xl *xl, const struct command *self, int argc,
              char **argv)
{
    const char *key;
    struct midge_error err;
    struct midge *m;
    int code, rc;

    (void)xl;
    if (plain_arguments(self, argc, argv, &code) < 0)
        return code;
    key = argv[optind + 1];
    if (strlen(key) != 1) {
        fprintf(stderr, "xl sysrq: '%s' is not one letter; see xl help sysrq\n",
                key);
        return XL_FAILED;
    }
    m = xl_connect_for(argv[optind]);
    if (!m)
        return XL_FAILED;
    rc = midge_sysrq(m, argv[optind], key[0], &err);
    return finish(m, rc, &err, argv[optind]);
}

static bool read_vcpu(const char *text, unsigned *vcpu)
{
    size_t len = strlen(text);

    if (len == 0 || len > 9 || strspn(text, "0123456789") != len) {
        fprintf(stderr, "xl trigger: '%s' is not a vCPU's number\n", text);
        return false;
    }
    *vcpu = (unsigned)strtoul(text, NULL, 10);
    return true;
}

int cmd_trigger(const struct xl *xl, const struct command *self, int argc,
                char **argv)
{
    struct midge_error err;
    struct midge *m;
    unsigned vcpu = 0;
    int code, rc;

    (void)xl;
    if (plain_arguments(self, argc, argv, &code) < 0)
        return code;
    if (argc - optind > 2 && !read_vcpu(argv[optind + 2], &vcpu))
        return XL_FAILED;
    m = xl_connect_for(argv[optind]);
    if (!m)
        return XL_FAILED;
    rc = midge_trigger(m, argv[optind], argv[optind + 1], vcpu, &err);
    return finish(m, rc, &err, argv[optind]);
}
