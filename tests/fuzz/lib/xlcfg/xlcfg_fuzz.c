/* SPDX-License-Identifier: ISC */
/* libFuzzer target: any bytes as a configuration text. */
#include <stdint.h>
#include <stdlib.h>
#include <xen/errno.h>
#include <xlcfg/xlcfg.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touches everything that was found. */
static size_t walk(const struct xlcfg_value *v)
{
    size_t n = 0;
    int64_t number;

    if (v->type != XLCFG_LIST) {
        for (size_t i = 0; i < v->len; i++)
            n += v->text[i] == '\0'; /* never: the length is the truth */
        if (n || v->text[v->len])
            abort();
        n += xlcfg_number(v, &number) == 0;
    }
    for (const struct xlcfg_value *e = v->first; e; e = e->next)
        n += walk(e);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t arena_size = XLCFG_ARENA_SIZE(size), n = 0;
    char *arena = malloc(arena_size);
    struct xlcfg cfg;
    int rc;

    if (!arena)
        return 0;
    xlcfg_init(&cfg, arena, arena_size);
    rc = xlcfg_parse(&cfg, "fuzz", (const char *)data, size);
    if (rc == -XEN_ENOMEM)
        abort(); /* XLCFG_ARENA_SIZE is a promise */
    if (rc && (cfg.error.pos.line == 0 || cfg.error.pos.column == 0))
        abort();
    if (rc == 0) {
        for (struct xlcfg_setting *s = cfg.first; s; s = s->next)
            n += walk(s->value);
    }
    free(arena);
    if (n > size)
        abort(); /* a number needs at least a byte */
    return 0;
}
