/* SPDX-License-Identifier: ISC */
/* Ends of lines; contract in base/crlf.h. */
#include <base/crlf.h>

size_t crlf_add(struct crlf *c, char *out, size_t size, const char **text,
                size_t *len)
{
    size_t n = 0;

    for (; *len > 0; (*text)++, (*len)--) {
        bool add = **text == '\n' && !c->cr;

        if (size - n < (add ? 2u : 1u))
            break;
        if (add)
            out[n++] = '\r';
        out[n++] = **text;
        c->cr = **text == '\r';
    }
    return n;
}

size_t crlf_drop(struct crlf *c, char *out, const char *text, size_t len)
{
    size_t i, n = 0;

    for (i = 0; i < len; i++) {
        if (text[i] == '\r') {
            c->cr = true;
            continue;
        }
        if (c->cr && text[i] != '\n')
            out[n++] = '\r';
        c->cr = false;
        out[n++] = text[i];
    }
    return n;
}
