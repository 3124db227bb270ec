/* SPDX-License-Identifier: ISC */
/* xl list. */
#include "xl.h"

#include <string.h>
#include <jansson.h>
#include <xl/format.h>

static int print_long(const struct midge_domain_list *list)
{
    json_t *all = json_array();
    int code = XL_OK;

    for (size_t i = 0; i < list->nr; i++) {
        /* An element that cannot be made is NULL, which append refuses. */
        if (json_array_append_new(all, format_domain(&list->domain[i])) < 0)
            code = XL_FAILED;
    }
    if (code != XL_OK || !format_json(stdout, all)) {
        fprintf(stderr, "xl: out of memory\n");
        code = XL_FAILED;
    }
    json_decref(all);
    return code;
}

static int print_list(const struct midge_domain_list *list, bool in_full,
                      bool verbose)
{
    if (in_full)
        return print_long(list);
    format_list_header(stdout, verbose);
    for (size_t i = 0; i < list->nr; i++)
        format_list_row(stdout, &list->domain[i], verbose);
    return XL_OK;
}

int get_list(const char *name, struct midge_domain_list *list)
{
    struct midge_error err;
    struct midge *m = NULL;
    int rc = xl_open(NO_START, &m, &err);

    memset(list, 0, sizeof(*list));
    if (rc == 0)
        rc = midge_list(m, name, list, &err);
    else if (err.code == MIDGE_E_NO_DAEMON && name)
        err.code = MIDGE_E_NOT_FOUND;
    else if (err.code == MIDGE_E_NO_DAEMON)
        rc = 0;
    midge_close(m);
    return rc < 0 ? xl_fail(&err, name) : XL_OK;
}

int cmd_list(const struct xl *xl, const struct command *self, int argc,
             char **argv)
{
    static const struct option words[] = {
        {"long", no_argument, NULL, 'l'},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool in_full = false, verbose = false;
    struct midge_domain_list list;
    int code, opt;

    (void)xl;
    while ((opt = next_option(self, argc, argv, "lv", words, &code)) != -1) {
        if (opt == -2)
            return code;
        in_full = in_full || opt == 'l';
        verbose = verbose || opt == 'v';
    }
    code = get_list(optind < argc ? argv[optind] : NULL, &list);
    if (code == XL_OK)
        code = print_list(&list, in_full, verbose);
    midge_domain_list_free(&list);
    return code;
}
