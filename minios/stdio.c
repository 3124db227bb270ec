/* SPDX-License-Identifier: ISC */
/* printf on the console; contract in minios/stdio.h. */
#include <minios/stdio.h>

#include <base/crlf.h>
#include <base/fmt.h>
#include <minios/console.h>

/* Gathers output, so that a line is one write and one notification. */
struct gather {
    char bytes[256];
    size_t used;
    struct crlf ends;
};

static void gather_flush(struct gather *g)
{
    console_write(g->bytes, g->used);
    g->used = 0;
}

static void gather_sink(void *arg, const char *bytes, size_t len)
{
    struct gather *g = arg;

    while (len > 0) {
        g->used += crlf_add(&g->ends, g->bytes + g->used,
                            sizeof(g->bytes) - g->used, &bytes, &len);
        if (len > 0)
            gather_flush(g);
    }
}

int vprintf(const char *format, va_list ap)
{
    struct gather g;
    size_t n;

    g.used = 0;
    g.ends = (struct crlf){.cr = false};
    n = fmt_vprint(gather_sink, &g, format, ap);
    if (g.used > 0)
        gather_flush(&g);
    return (int)n;
}

int printf(const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vprintf(format, ap);
    va_end(ap);
    return n;
}

int puts(const char *text)
{
    (void)printf("%s\n", text); /* a count */
    return 0;
}
