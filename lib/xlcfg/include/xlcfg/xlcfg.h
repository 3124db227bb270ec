/* SPDX-License-Identifier: ISC */
/*
 * Parser of domain configuration texts, xl.cfg(5): from text to a list of
 * settings with the place of each. What the keys mean is not its business.
 *
 * Accepts what Xen's xl accepts:
 *   settings   KEY = VALUE and KEY += VALUE, separated by newlines or ';'
 *   KEY        a lower-case letter, then lower-case letters, digits, '_', '.'
 *   VALUE      "string", 'string', number, or list
 *   string     on one line; escapes \a \b \f \n \r \t \v \\ \' \", three octal
 *              digits \ooo and two hexadecimal digits \xhh
 *   number     decimal, 0x hexadecimal, 0 octal; a sign is accepted here so
 *              that the reader of the key can refuse the value by name
 *   list       [ VALUE, VALUE, ... ], may span lines, nest, and end in a comma
 *   comment    from '#' to the end of the line
 * A later KEY = replaces an earlier one; KEY += appends string to string or
 * list to list. There is no line continuation outside lists.
 *
 * The text may be anything an attacker can write: depth, number of settings
 * and memory are bounded. Everything found is allocated from the arena that
 * the caller supplies and lives as long as it; the text itself is not borrowed.
 *
 * Errors: 0 or a negative Xen error number, with cfg->error telling the rest.
 */
#ifndef XLCFG_XLCFG_H
#define XLCFG_XLCFG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

#define XLCFG_MAX_DEPTH    8 /* lists inside lists                       */
#define XLCFG_MAX_SETTINGS 1024
#define XLCFG_MESSAGE_MAX  160

/* An arena of this size is never too small for a text of (len) bytes, however
 * odd; real files need a tenth of it. */
#define XLCFG_ARENA_SIZE(len) (64 * (size_t)(len) + 4096)

/* A place in a text. Lines and columns (in bytes) count from 1. */
struct xlcfg_pos {
    const char *source; /* the name given to xlcfg_parse(), borrowed         */
    unsigned line, column;
};

enum xlcfg_type {
    XLCFG_STRING,
    XLCFG_NUMBER,
    XLCFG_LIST,
};

struct xlcfg_value {
    struct xlcfg_pos pos;
    enum xlcfg_type type;
    const char *text;          /* STRING: its bytes; NUMBER: as written;
                                  NUL-terminated. LIST: NULL                 */
    size_t len;                /* of text                                    */
    char *room_at;             /* private: text, when += has made room for   */
    size_t room;               /* private: this many bytes and a NUL         */
    struct xlcfg_value *first; /* LIST: elements, linked by next             */
    struct xlcfg_value *last;
    unsigned nr;              /* LIST: number of elements                   */
    struct xlcfg_value *next; /* the element after this one, or NULL        */
};

struct xlcfg_setting {
    const char *key;
    struct xlcfg_pos pos; /* of the key                                      */
    struct xlcfg_value *value;
    struct xlcfg_setting *next;
};

struct xlcfg_message {
    struct xlcfg_pos pos;
    char text[XLCFG_MESSAGE_MAX]; /* one line, no full stop                  */
};

struct xlcfg {
    struct xlcfg_setting *first; /* in order of first assignment             */
    unsigned nr_settings;
    struct xlcfg_message error; /* valid after a failure                    */

    /* Called for what is odd but legal (a key assigned twice in one text).
     * NULL: nobody wants to know. Set after xlcfg_init(). */
    void (*warn)(void *arg, const struct xlcfg_message *m);
    void *warn_arg;

    /* Private. */
    struct xlcfg_setting *last;
    char *arena;
    size_t arena_size, arena_used;
};

/* Starts an empty configuration that allocates from (arena), borrowed for as
 * long as anything found in it is in use. */
void xlcfg_init(struct xlcfg *cfg, void *arena, size_t arena_size);

/*
 * Adds the settings of (text), (len) bytes, to (cfg). (source) names the text
 * in positions and is borrowed. May be called again for further texts, whose
 * settings then override, silently, those of the texts before.
 * -XEN_EINVAL: syntax error; -XEN_E2BIG: too many settings; -XEN_ENOMEM: the
 * arena is too small. After a failure (cfg) must not be used but for its error.
 */
__must_check int xlcfg_parse(struct xlcfg *cfg, const char *source,
                             const char *text, size_t len);

/* The setting of (key), or NULL. */
const struct xlcfg_setting *xlcfg_find(const struct xlcfg *cfg,
                                       const char *key);

/*
 * Reads a NUMBER, or a STRING that spells one as xl allows ("2"), as a signed
 * 64-bit integer. -XEN_EINVAL: not a number; -XEN_ERANGE: does not fit.
 */
__must_check int xlcfg_number(const struct xlcfg_value *v, int64_t *out);

/* (len) bytes from the arena, aligned for any object; NULL when it is used
 * up. For readers that build texts which should live as long as the rest. */
void *xlcfg_alloc(struct xlcfg *cfg, size_t len);

/* "a string", "a number", "a list". */
const char *xlcfg_type_name(enum xlcfg_type t);

#endif /* XLCFG_XLCFG_H */
