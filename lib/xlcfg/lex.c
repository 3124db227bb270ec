/* SPDX-License-Identifier: ISC */
/* The lexer: tokens of xl.cfg texts, and what to say about a wrong one. */
#include "lex.h"

#include <stdarg.h>
#include <stdbool.h>
#include <base/fmt.h>
#include <base/string.h>
#include <xen/errno.h>

/* How much of a token is quoted in a message. */
#define QUOTE_MAX 32

int xlcfg_fail(struct xlcfg *cfg, int rc, const struct xlcfg_pos *pos,
               const char *format, ...)
{
    va_list ap;

    cfg->error.pos = *pos;
    va_start(ap, format);
    fmt_vsnprintf(cfg->error.text, sizeof(cfg->error.text), format, ap);
    va_end(ap);
    /* What is quoted from the text may hold anything; the message must stay
     * one line and leave the terminal alone. */
    for (char *c = cfg->error.text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    }
    return rc;
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

/* -1 when (c) is no digit of base 16. */
static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void lex_init(struct lexer *l, struct xlcfg *cfg, const char *source,
              const char *text, size_t len)
{
    memset(l, 0, sizeof(*l));
    l->cfg = cfg;
    l->text = text;
    l->len = len;
    l->pos.source = source;
    l->pos.line = 1;
}

/* The byte (ahead) of the current one; NUL beyond the end, which no rule
 * below takes for part of a token. */
static char peek(const struct lexer *l, size_t ahead)
{
    return ahead < l->len - l->at ? l->text[l->at + ahead] : '\0';
}

static struct xlcfg_pos here(const struct lexer *l, size_t at)
{
    struct xlcfg_pos pos = l->pos;

    pos.column = (unsigned)(at - l->line_start) + 1;
    return pos;
}

/* Blanks and comments. */
static void skip_blank(struct lexer *l)
{
    while (peek(l, 0) == ' ' || peek(l, 0) == '\t')
        l->at++;
    if (peek(l, 0) == '#') {
        while (l->at < l->len && l->text[l->at] != '\n')
            l->at++;
    }
}

/*
 * Reads one escape at (s), behind its backslash, of at most (len) bytes.
 * Returns how many bytes it has, or 0 when it is no escape, and its value.
 */
static size_t read_escape(const char *s, size_t len, unsigned *value)
{
    static const char names[] = "abfnrtv\\'\"";
    static const char values[] = "\a\b\f\n\r\t\v\\'\"";
    const char *known;
    unsigned v = 0;

    if (len == 0)
        return 0;
    known = s[0] ? strchr(names, s[0]) : NULL;
    if (known) {
        *value = (unsigned char)values[known - names];
        return 1;
    }
    if (len < 3)
        return 0;
    if (s[0] == 'x') {
        if (hex_digit(s[1]) < 0 || hex_digit(s[2]) < 0)
            return 0;
        *value = (unsigned)(hex_digit(s[1]) * 16 + hex_digit(s[2]));
        return 3;
    }
    for (size_t i = 0; i < 3; i++) {
        if (s[i] < '0' || s[i] > '7')
            return 0;
        v = v * 8 + (unsigned)(s[i] - '0');
    }
    *value = v;
    return 3;
}

static int bad_escape(struct lexer *l, size_t at, size_t end, unsigned value)
{
    struct xlcfg_pos pos = here(l, at);

    if (value == 0)
        return xlcfg_fail(l->cfg, -XEN_EINVAL, &pos,
                          "a string cannot contain a NUL byte");
    if (value > 0xff)
        return xlcfg_fail(l->cfg, -XEN_EINVAL, &pos,
                          "octal escape is greater than \\377");
    if (at + 1 >= end || (unsigned char)l->text[at + 1] < ' ')
        return xlcfg_fail(l->cfg, -XEN_EINVAL, &pos,
                          "a string must end on the line where it starts");
    return xlcfg_fail(l->cfg, -XEN_EINVAL, &pos,
                      "unknown escape '\\%c' in a string", l->text[at + 1]);
}

static int lex_string(struct lexer *l)
{
    char quote = l->text[l->at];
    size_t at = l->at + 1;
    struct xlcfg_pos pos;

    l->tok.kind = TOKEN_STRING;
    l->tok.bytes = l->text + at;
    while (at < l->len && l->text[at] != quote && l->text[at] != '\n') {
        unsigned value = 1;
        size_t n = 0;

        if (l->text[at] == '\0')
            return bad_escape(l, at, l->len, 0);
        if (l->text[at] == '\\') {
            value = 1;
            n = read_escape(l->text + at + 1, l->len - at - 1, &value);
            if (n == 0 || value == 0 || value > 0xff)
                return bad_escape(l, at, l->len, value);
        }
        at += 1 + n;
    }
    if (at >= l->len || l->text[at] != quote) {
        pos = here(l, l->at);
        return xlcfg_fail(l->cfg, -XEN_EINVAL, &pos,
                          "string has no closing %c on its line", quote);
    }
    l->tok.len = (size_t)(l->text + at - l->tok.bytes);
    l->at = at + 1;
    return 0;
}

size_t lex_unescape(const struct token *t, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < t->len; i++) {
        unsigned value = (unsigned char)t->bytes[i];

        if (t->bytes[i] == '\\')
            i += read_escape(t->bytes + i + 1, t->len - i - 1, &value);
        out[n++] = (char)value;
    }
    out[n] = '\0';
    return n;
}

/* A sign, then everything that could be meant as part of the number. */
static int lex_number(struct lexer *l)
{
    size_t at = l->at, first;
    bool octal, hex, good = true;

    if (!is_digit(l->text[at]))
        at++;
    first = at;
    while (at < l->len && is_word(l->text[at]))
        at++;
    hex = at - first > 2 && l->text[first] == '0' && l->text[first + 1] == 'x';
    octal = !hex && at - first > 1 && l->text[first] == '0';
    for (size_t i = first + (hex ? 2 : 0); i < at; i++) {
        char c = l->text[i];

        good = good &&
               (hex ? hex_digit(c) >= 0 : is_digit(c) && (!octal || c < '8'));
    }
    l->tok.kind = TOKEN_NUMBER;
    l->tok.bytes = l->text + l->at;
    l->tok.len = at - l->at;
    l->at = at;
    if (!good)
        return lex_expected(l, octal ? "an octal number (it starts with 0)"
                                     : "a number");
    return 0;
}

static void lex_key(struct lexer *l)
{
    size_t at = l->at;

    while (at < l->len && (is_lower(l->text[at]) || is_digit(l->text[at]) ||
                           l->text[at] == '_' || l->text[at] == '.'))
        at++;
    l->tok.kind = TOKEN_KEY;
    l->tok.len = at - l->at;
    l->at = at;
}

static void lex_punctuation(struct lexer *l)
{
    static const struct {
        char c;
        enum token_kind kind;
    } table[] = {
        {'\n', TOKEN_NEWLINE}, {';', TOKEN_SEMICOLON}, {',', TOKEN_COMMA},
        {'[', TOKEN_OPEN},     {']', TOKEN_CLOSE},     {'=', TOKEN_ASSIGN},
    };

    l->tok.kind = TOKEN_BAD;
    l->tok.len = 1;
    if (peek(l, 0) == '+' && peek(l, 1) == '=') {
        l->tok.kind = TOKEN_APPEND;
        l->tok.len = 2;
    }
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (peek(l, 0) == table[i].c)
            l->tok.kind = table[i].kind;
    }
    l->at += l->tok.len;
    if (l->tok.kind == TOKEN_NEWLINE) {
        l->pos.line++;
        l->line_start = l->at;
    }
}

int lex_next(struct lexer *l)
{
    char c;

    skip_blank(l);
    l->tok.pos = here(l, l->at);
    l->tok.bytes = l->text + l->at;
    l->tok.len = 0;
    if (l->at >= l->len) {
        l->tok.kind = TOKEN_END;
        return 0;
    }
    c = l->text[l->at];
    if (c == '"' || c == '\'')
        return lex_string(l);
    if (is_digit(c) || ((c == '-' || c == '+') && is_digit(peek(l, 1))))
        return lex_number(l);
    if (is_lower(c))
        lex_key(l);
    else
        lex_punctuation(l);
    return 0;
}

/* A bad byte, with the mistake it usually comes from. */
static void describe_bad(char c, char *out, size_t size)
{
    if (c == '\r')
        fmt_snprintf(out, size,
                     "a carriage return (does the file have DOS line ends?)");
    else if (c == '\\')
        fmt_snprintf(out, size,
                     "'\\' (lines cannot be continued, except inside [ ])");
    else if (c >= ' ' && c <= '~')
        fmt_snprintf(out, size, "'%c'", c);
    else
        fmt_snprintf(out, size, "byte 0x%02x", (unsigned char)c);
}

int lex_expected(struct lexer *l, const char *what)
{
    const struct token *t = &l->tok;
    int shown = (int)MIN(t->len, (size_t)QUOTE_MAX);
    const char *more = t->len > QUOTE_MAX ? "..." : "";
    char found[80];

    switch (t->kind) {
    case TOKEN_END:
        fmt_snprintf(found, sizeof(found), "the end");
        break;
    case TOKEN_NEWLINE:
        fmt_snprintf(found, sizeof(found), "the end of the line");
        break;
    case TOKEN_STRING:
        fmt_snprintf(found, sizeof(found), "the string \"%.*s%s\"", shown,
                     t->bytes, more);
        break;
    case TOKEN_BAD:
        describe_bad(t->bytes[0], found, sizeof(found));
        break;
    default:
        fmt_snprintf(found, sizeof(found), "'%.*s%s'", shown, t->bytes, more);
        break;
    }
    return xlcfg_fail(l->cfg, -XEN_EINVAL, &t->pos, "expected %s, found %s",
                      what, found);
}
