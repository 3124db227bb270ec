/* SPDX-License-Identifier: ISC */
/* Making device trees; contract in tree.h. */
#include "tree.h"

#include <stdarg.h>
#include <string.h>

#define MAGIC      0xd00dfeedu
#define BEGIN_NODE 1u
#define END_NODE   2u
#define PROP       3u
#define END        9u

#define HEADER_WORDS 10

static void put32(uint8_t *at, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(at, &value, sizeof(value));
}

static void put64(uint8_t *at, uint64_t value)
{
    put32(at, (uint32_t)(value >> 32));
    put32(at + 4, (uint32_t)value);
}

static void add32(struct tree *t, uint32_t value)
{
    put32(t->structure + t->nr_structure, value);
    t->nr_structure += 4;
}

static void add(struct tree *t, const void *bytes, size_t n)
{
    memcpy(t->structure + t->nr_structure, bytes, n);
    t->nr_structure += (n + 3) & ~(size_t)3;
}

void tree_init(struct tree *t)
{
    memset(t, 0, sizeof(*t));
}

void tree_node(struct tree *t, const char *name)
{
    add32(t, BEGIN_NODE);
    add(t, name, strlen(name) + 1);
}

void tree_end(struct tree *t)
{
    add32(t, END_NODE);
}

static void begin_property(struct tree *t, const char *name, size_t len)
{
    add32(t, PROP);
    add32(t, (uint32_t)len);
    add32(t, (uint32_t)t->nr_strings);
    memcpy(t->strings + t->nr_strings, name, strlen(name) + 1);
    t->nr_strings += strlen(name) + 1;
}

void tree_text(struct tree *t, const char *name, const char *value)
{
    begin_property(t, name, strlen(value) + 1);
    add(t, value, strlen(value) + 1);
}

void tree_cells(struct tree *t, const char *name, unsigned n, ...)
{
    va_list ap;

    begin_property(t, name, n * 4ul);
    va_start(ap, n);
    while (n-- > 0)
        add32(t, va_arg(ap, uint32_t));
    va_end(ap);
}

void tree_reserve(struct tree *t, uint64_t start, uint64_t size)
{
    t->reserved[t->nr_reserved++] = start;
    t->reserved[t->nr_reserved++] = size;
}

size_t tree_finish(struct tree *t)
{
    uint32_t reserve = HEADER_WORDS * 4, structure, strings, total;
    const uint32_t version = 17, compatible = 16;
    size_t i;

    add32(t, END);
    structure = reserve + (t->nr_reserved + 2) * 8;
    strings = structure + (uint32_t)t->nr_structure;
    total = strings + (uint32_t)t->nr_strings;
    const uint32_t header[HEADER_WORDS] = {MAGIC,
                                           total,
                                           structure,
                                           strings,
                                           reserve,
                                           version,
                                           compatible,
                                           0,
                                           (uint32_t)t->nr_strings,
                                           (uint32_t)t->nr_structure};

    for (i = 0; i < HEADER_WORDS; i++)
        put32(t->blob + i * 4, header[i]);
    for (i = 0; i < t->nr_reserved + 2; i++)
        put64(t->blob + reserve + i * 8,
              i < t->nr_reserved ? t->reserved[i] : 0);
    memcpy(t->blob + structure, t->structure, t->nr_structure);
    memcpy(t->blob + strings, t->strings, t->nr_strings);
    return total;
}
