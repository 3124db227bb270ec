/* SPDX-License-Identifier: ISC */
/* xl dump-core. */
#include "xl.h"

int cmd_dump_core(const struct xl *xl, const struct command *self, int argc,
                  char **argv)
{
    struct midge_error err;
    struct midge_core core;
    const char *domain;
    struct midge *m;
    int code, rc;

    (void)xl;
    if (plain_arguments(self, argc, argv, &code) < 0)
        return code;
    domain = argv[optind];
    m = xl_connect_for(domain);
    if (!m)
        return XL_FAILED;
    rc = midge_dump_core(m, domain, argv[optind + 1], &core, &err);
    midge_close(m);
    if (rc < 0)
        return xl_fail(&err, domain);
    if (!core.complete)
        fprintf(stderr, "xl: warning: the core is incomplete: not all page "
                        "tables of the domain could be followed\n");
    return XL_OK;
}
