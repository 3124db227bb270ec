/* SPDX-License-Identifier: ISC */
/*
 * The parser: settings and values from tokens. It is recursive only over
 * nested lists, at most XLCFG_MAX_DEPTH deep.
 */
#include "lex.h"

#include <base/fmt.h>
#include <base/string.h>
#include <xen/errno.h>

void xlcfg_init(struct xlcfg *cfg, void *arena, size_t arena_size)
{
    memset(cfg, 0, sizeof(*cfg));
    cfg->arena = arena;
    cfg->arena_size = arena_size;
}

void *xlcfg_alloc(struct xlcfg *cfg, size_t len)
{
    uintptr_t align = _Alignof(max_align_t);
    uintptr_t at = (uintptr_t)cfg->arena + cfg->arena_used;
    size_t pad = (size_t)(-at & (align - 1));
    size_t left = cfg->arena_size - cfg->arena_used;
    void *p;

    if (pad > left || len > left - pad)
        return NULL;
    p = cfg->arena + cfg->arena_used + pad;
    cfg->arena_used += pad + len;
    return p;
}

static int out_of_memory(struct lexer *l)
{
    return xlcfg_fail(l->cfg, -XEN_ENOMEM, &l->tok.pos,
                      "the configuration is too large");
}

static int parse_value(struct lexer *l, unsigned depth,
                       struct xlcfg_value **out);

/* Newlines and comments mean nothing inside a list. */
static int next_in_list(struct lexer *l)
{
    int rc;

    do
        rc = lex_next(l);
    while (rc == 0 && l->tok.kind == TOKEN_NEWLINE);
    return rc;
}

static void list_add(struct xlcfg_value *list, struct xlcfg_value *v)
{
    if (list->last)
        list->last->next = v;
    else
        list->first = v;
    list->last = v;
    list->nr++;
}

/* Behind the '['; leaves the ']' as the current token. */
static int parse_list(struct lexer *l, unsigned depth, struct xlcfg_value *list)
{
    struct xlcfg_value *v = NULL;
    int rc;

    if (depth >= XLCFG_MAX_DEPTH)
        return xlcfg_fail(l->cfg, -XEN_EINVAL, &list->pos,
                          "lists nest more than %d deep", XLCFG_MAX_DEPTH);
    rc = next_in_list(l);
    if (rc)
        return rc;
    /* One element, or one ',', is eaten per round. */
    while (l->tok.kind != TOKEN_CLOSE) {
        rc = parse_value(l, depth + 1, &v);
        if (rc)
            return rc;
        list_add(list, v);
        rc = next_in_list(l);
        if (rc)
            return rc;
        if (l->tok.kind == TOKEN_CLOSE)
            break;
        if (l->tok.kind != TOKEN_COMMA)
            return lex_expected(l, "',' or ']'");
        rc = next_in_list(l);
        if (rc)
            return rc;
    }
    return 0;
}

/* (tok) as a NUL-terminated copy, escapes decoded. */
static int copy_text(struct lexer *l, const char **text, size_t *len)
{
    char *copy = xlcfg_alloc(l->cfg, l->tok.len + 1);

    if (!copy)
        return out_of_memory(l);
    if (l->tok.kind == TOKEN_STRING) {
        *len = lex_unescape(&l->tok, copy);
    } else {
        memcpy(copy, l->tok.bytes, l->tok.len);
        copy[l->tok.len] = '\0';
        *len = l->tok.len;
    }
    *text = copy;
    return 0;
}

/* The current token starts a value; leaves its last token current. */
static int parse_value(struct lexer *l, unsigned depth,
                       struct xlcfg_value **out)
{
    struct xlcfg_value *v;

    if (l->tok.kind != TOKEN_STRING && l->tok.kind != TOKEN_NUMBER &&
        l->tok.kind != TOKEN_OPEN)
        return lex_expected(l, depth ? "a string, a number, '[' or ']'"
                                     : "a string, a number or '['");
    v = xlcfg_alloc(l->cfg, sizeof(*v));
    if (!v)
        return out_of_memory(l);
    memset(v, 0, sizeof(*v));
    v->pos = l->tok.pos;
    *out = v;
    if (l->tok.kind == TOKEN_OPEN) {
        v->type = XLCFG_LIST;
        return parse_list(l, depth, v);
    }
    v->type = l->tok.kind == TOKEN_STRING ? XLCFG_STRING : XLCFG_NUMBER;
    return copy_text(l, &v->text, &v->len);
}

static struct xlcfg_setting *find(const struct xlcfg *cfg, const char *key,
                                  size_t len)
{
    struct xlcfg_setting *s = cfg->first;

    while (s && (strlen(s->key) != len || memcmp(s->key, key, len) != 0))
        s = s->next;
    return s;
}

const struct xlcfg_setting *xlcfg_find(const struct xlcfg *cfg, const char *key)
{
    return find(cfg, key, strlen(key));
}

/* A new setting, without a value, for the key that is the current token. */
static int add_setting(struct lexer *l, struct xlcfg_setting **out)
{
    struct xlcfg *cfg = l->cfg;
    struct xlcfg_setting *s;
    size_t len;
    int rc;

    if (cfg->nr_settings >= XLCFG_MAX_SETTINGS)
        return xlcfg_fail(cfg, -XEN_E2BIG, &l->tok.pos, "more than %d settings",
                          XLCFG_MAX_SETTINGS);
    s = xlcfg_alloc(cfg, sizeof(*s));
    if (!s)
        return out_of_memory(l);
    memset(s, 0, sizeof(*s));
    rc = copy_text(l, &s->key, &len);
    if (rc)
        return rc;
    if (cfg->last)
        cfg->last->next = s;
    else
        cfg->first = s;
    cfg->last = s;
    cfg->nr_settings++;
    *out = s;
    return 0;
}

static void warn_twice(struct xlcfg *cfg, const struct xlcfg_setting *s,
                       const struct xlcfg_pos *pos)
{
    struct xlcfg_message m = {.pos = *pos};

    /* Another text is meant to override. */
    if (!cfg->warn || s->pos.source != pos->source)
        return;
    fmt_snprintf(m.text, sizeof(m.text),
                 "'%.40s' is set again, replacing its value of line %u", s->key,
                 s->pos.line);
    cfg->warn(cfg->warn_arg, &m);
}

/* Adds a string to a string. Room doubles, so that a text of many small
 * additions needs memory in proportion to its size. */
static int append_text(struct lexer *l, struct xlcfg_value *old,
                       const struct xlcfg_value *v)
{
    size_t len = old->len + v->len;
    char *text = old->room_at;

    if (!text || len > old->room) {
        text = xlcfg_alloc(l->cfg, 2 * len + 1);
        if (!text)
            return out_of_memory(l);
        memcpy(text, old->text, old->len);
        old->room_at = text;
        old->room = 2 * len;
        old->text = text;
    }
    memcpy(text + old->len, v->text, v->len + 1);
    old->len = len;
    return 0;
}

/* KEY += VALUE on a key that has a value. */
static int append(struct lexer *l, struct xlcfg_setting *s,
                  struct xlcfg_value *v)
{
    struct xlcfg_value *old = s->value;

    if (old->type != v->type || v->type == XLCFG_NUMBER)
        return xlcfg_fail(l->cfg, -XEN_EINVAL, &v->pos,
                          "cannot add %s to '%.40s', which is %s",
                          xlcfg_type_name(v->type), s->key,
                          xlcfg_type_name(old->type));
    if (v->type == XLCFG_LIST) {
        if (!v->first)
            return 0;
        if (old->last)
            old->last->next = v->first;
        else
            old->first = v->first;
        old->last = v->last;
        old->nr += v->nr;
        return 0;
    }
    return append_text(l, old, v);
}

/* KEY = VALUE; the key is the current token. */
static int parse_setting(struct lexer *l)
{
    struct xlcfg_pos key_pos = l->tok.pos;
    struct xlcfg_setting *s = find(l->cfg, l->tok.bytes, l->tok.len);
    bool is_new = !s, is_append;
    struct xlcfg_value *v = NULL;
    int rc = 0;

    if (is_new)
        rc = add_setting(l, &s);
    if (rc || !s)
        return rc;
    rc = lex_next(l);
    if (rc)
        return rc;
    is_append = l->tok.kind == TOKEN_APPEND;
    if (!is_append && l->tok.kind != TOKEN_ASSIGN)
        return lex_expected(l, "'=' or '+=' behind the key");
    rc = lex_next(l);
    if (rc == 0)
        rc = parse_value(l, 0, &v);
    if (rc || !v)
        return rc;
    if (is_append && !is_new)
        return append(l, s, v);
    if (!is_new)
        warn_twice(l->cfg, s, &key_pos);
    s->pos = key_pos;
    s->value = v;
    return 0;
}

int xlcfg_parse(struct xlcfg *cfg, const char *source, const char *text,
                size_t len)
{
    struct lexer l;
    int rc;

    lex_init(&l, cfg, source, text, len);
    rc = lex_next(&l);
    while (rc == 0 && l.tok.kind != TOKEN_END) {
        if (l.tok.kind == TOKEN_NEWLINE || l.tok.kind == TOKEN_SEMICOLON) {
            rc = lex_next(&l);
            continue;
        }
        if (l.tok.kind != TOKEN_KEY)
            return lex_expected(&l, "a key (lower-case letters first)");
        rc = parse_setting(&l);
        if (rc == 0)
            rc = lex_next(&l);
        if (rc)
            break;
        if (l.tok.kind != TOKEN_NEWLINE && l.tok.kind != TOKEN_SEMICOLON &&
            l.tok.kind != TOKEN_END)
            return lex_expected(&l, "the end of the line or ';'");
    }
    return rc;
}
