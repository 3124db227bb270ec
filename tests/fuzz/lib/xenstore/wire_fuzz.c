/* SPDX-License-Identifier: ISC */
/* Payloads of any kind: what is accepted must be what the contract says. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore/wire.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void one_string(const char *s)
{
    char out[XENSTORE_ABS_PATH_MAX + 1], text[XS_PERM_TEXT];
    struct xs_perm p;
    size_t prefix;
    uint64_t v;

    if (!xs_path_absolute(s, 32751, out, &prefix)) {
        check(xs_path_ok(out) && out[0] == '/');
        check(!strcmp(out + prefix, s));
        check(!strstr(out, "//"));
    }
    if (!xs_perm_parse(s, &p)) {
        check(p.domid < 0x7ff0);
        check(xs_perm_print(&p, text) == strlen(text) && text[0] == s[0]);
    }
    if (!xs_number(s, 1000, &v))
        check(v <= 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A copy of exactly this size, so that ASan sees one byte too many. */
    char *copy = malloc(size ? size : 1);
    const char *s[8];
    int i, n;

    if (!copy)
        return 0;
    memcpy(copy, data, size);
    n = xs_strings(copy, size, s, 8);
    for (i = 0; i < n; i++)
        one_string(s[i]);
    (void)xs_error_number(copy, size); /* any number will do */
    free(copy);
    return 0;
}
