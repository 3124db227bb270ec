/* SPDX-License-Identifier: ISC */
/* xl uptime and xl vm-list. */
#include "xl.h"

#include <string.h>
#include <xl/format.h>

static void print_uptimes(const struct midge_domain_list *list, bool brief)
{
    time_t now = time(NULL);

    for (size_t i = 0; i < list->nr; i++)
        format_uptime_row(stdout, &list->domain[i], brief, now);
}

/* Those that were named, each looked up by itself. */
static int named_uptimes(char **names, int nr, bool brief)
{
    int code = XL_OK;

    for (int i = 0; i < nr && code == XL_OK; i++) {
        struct midge_domain_list list;

        code = get_list(names[i], &list);
        if (code == XL_OK)
            print_uptimes(&list, brief);
        midge_domain_list_free(&list);
    }
    return code;
}

int cmd_uptime(const struct xl *xl, const struct command *self, int argc,
               char **argv)
{
    static const struct option words[] = {
        {"short", no_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct midge_domain_list list;
    bool brief = false;
    int code, opt;

    (void)xl;
    while ((opt = next_option(self, argc, argv, "s", words, &code)) != -1) {
        if (opt == -2)
            return code;
        brief = true;
    }
    if (!brief)
        format_uptime_header(stdout);
    if (optind < argc)
        return named_uptimes(argv + optind, argc - optind, brief);
    code = get_list(NULL, &list);
    if (code == XL_OK)
        print_uptimes(&list, brief);
    midge_domain_list_free(&list);
    return code;
}

int cmd_vm_list(const struct xl *xl, const struct command *self, int argc,
                char **argv)
{
    struct midge_domain_list list;
    int code;

    (void)xl;
    if (plain_arguments(self, argc, argv, &code) < 0)
        return code;
    code = get_list(NULL, &list);
    if (code == XL_OK) {
        format_vm_list_header(stdout);
        for (size_t i = 0; i < list.nr; i++)
            format_vm_list_row(stdout, &list.domain[i]);
    }
    midge_domain_list_free(&list);
    return code;
}
