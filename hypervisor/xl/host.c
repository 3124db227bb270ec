/* SPDX-License-Identifier: ISC */
/* Commands about the hypervisor: info and dmesg. */
#include "xl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <xl/format.h>

int cmd_info(const struct xl *xl, const struct command *self, int argc,
             char **argv)
{
    static const struct option words[] = {
        {"numa", no_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct midge_error err;
    struct midge_info info;
    struct utsname host;
    const char *only;
    struct midge *m;
    int code, opt;

    (void)xl;
    while ((opt = next_option(self, argc, argv, "n", words, &code)) != -1) {
        if (opt == -2)
            return code;
    }
    only = optind < argc ? argv[optind] : NULL;
    if (uname(&host) < 0) {
        fprintf(stderr, "xl: uname: %s\n", strerror(errno));
        return XL_FAILED;
    }
    m = xl_connect(START_DAEMON);
    if (!m)
        return XL_FAILED;
    code = XL_OK;
    if (midge_info(m, &info, &err) < 0) {
        code = xl_fail(&err, NULL);
    } else if (!format_info(stdout, &info, &host, only)) {
        fprintf(stderr, "xl info: there is no '%s'\n", only);
        code = XL_FAILED;
    }
    midge_info_free(&info);
    midge_close(m);
    return code;
}

int cmd_dmesg(const struct xl *xl, const struct command *self, int argc,
              char **argv)
{
    static const struct option words[] = {
        {"clear", no_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool clear = false;
    struct midge *m = NULL;
    struct midge_error err;
    char *text = NULL;
    int code, opt;

    (void)xl;
    while ((opt = next_option(self, argc, argv, "c", words, &code)) != -1) {
        if (opt == -2)
            return code;
        clear = true;
    }
    if (xl_open(NO_START, &m, &err) < 0)
        /* Without a daemon there are no messages: that is no failure. */
        return err.code == MIDGE_E_NO_DAEMON ? XL_OK : xl_fail(&err, NULL);
    code = XL_OK;
    if (midge_dmesg(m, clear, &text, &err) < 0)
        code = xl_fail(&err, NULL);
    else
        fputs(text, stdout);
    free(text);
    midge_close(m);
    return code;
}
