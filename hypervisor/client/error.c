/* SPDX-License-Identifier: ISC */
/* Errors of the client library. */
#include "client.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [MIDGE_OK] = "ok",
    [MIDGE_E_INVALID] = "invalid",
    [MIDGE_E_EXISTS] = "exists",
    [MIDGE_E_NOT_FOUND] = "not-found",
    [MIDGE_E_NO_MEMORY] = "no-memory",
    [MIDGE_E_IMAGE] = "image",
    [MIDGE_E_LIMIT] = "limit",
    [MIDGE_E_DENIED] = "denied",
    [MIDGE_E_BUSY] = "busy",
    [MIDGE_E_GONE] = "gone",
    [MIDGE_E_INTERNAL] = "internal",
    [MIDGE_E_NO_DAEMON] = "no-daemon",
    [MIDGE_E_UNTRUSTED] = "untrusted",
    [MIDGE_E_PROTOCOL] = "protocol",
    [MIDGE_E_SYSTEM] = "system",
};

const char *midge_code_name(enum midge_code code)
{
    return (unsigned)code < ARRAY_SIZE(names) ? names[code] : "unknown";
}

enum midge_code code_by_name(const char *name)
{
    for (unsigned i = MIDGE_E_INVALID; i <= MIDGE_E_INTERNAL; i++) {
        if (strcmp(name, names[i]) == 0)
            return (enum midge_code)i;
    }
    return MIDGE_E_INTERNAL;
}

int fail(struct midge_error *err, enum midge_code code, const char *format, ...)
{
    va_list ap;

    err->code = code;
    va_start(ap, format);
    vsnprintf(err->text, sizeof(err->text), format, ap);
    va_end(ap);
    /* Part of the text may come from the other end: it stays one line. */
    for (char *c = err->text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    }
    return -1;
}
