/* SPDX-License-Identifier: ISC */
/* One line for the user about what went wrong. */
#include "process.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fail(struct engine_error *err, int rc, const char *format, ...)
{
    va_list ap;

    if (err) {
        va_start(ap, format);
        vsnprintf(err->text, sizeof(err->text), format, ap);
        va_end(ap);
    }
    return rc;
}

int fail_host(struct engine_error *err, int rc, const char *what)
{
    const char *why = strerrordesc_np(-rc);
    const char *advice = "";

    if (rc == -EMFILE || rc == -ENFILE)
        advice = "; raise the limit on open files (see \"xl info\")";
    else if (rc == -EAGAIN)
        advice = "; raise the limit on processes (see \"xl info\")";
    else if (rc == -ENOMEM)
        advice = "; free memory or raise vm.max_map_count";
    return fail(err, rc, "%s: %s%s", what, why ? why : "unknown error", advice);
}
