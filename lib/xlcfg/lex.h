/* SPDX-License-Identifier: ISC */
/* The lexer of lib/xlcfg: cuts a text into tokens. Private to this module. */
#ifndef XLCFG_LEX_H
#define XLCFG_LEX_H

#include <stddef.h>
#include <xlcfg/xlcfg.h>

enum token_kind {
    TOKEN_END, /* of the text */
    TOKEN_NEWLINE,
    TOKEN_SEMICOLON,
    TOKEN_COMMA,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_ASSIGN,
    TOKEN_APPEND,
    TOKEN_KEY,
    TOKEN_NUMBER,
    TOKEN_STRING,
    TOKEN_BAD, /* no token starts here: one byte */
};

struct token {
    enum token_kind kind;
    struct xlcfg_pos pos;
    const char *bytes; /* in the text; of a string, without the quotes */
    size_t len;
};

struct lexer {
    struct xlcfg *cfg;
    const char *text;
    size_t len, at, line_start;
    struct xlcfg_pos pos; /* source and line; column is derived */
    struct token tok;     /* the current token */
};

void lex_init(struct lexer *l, struct xlcfg *cfg, const char *source,
              const char *text, size_t len);

/* Moves to the next token. -XEN_EINVAL with cfg->error set when a string or a
 * number is malformed; anything else odd is a TOKEN_BAD. */
int lex_next(struct lexer *l);

/*
 * Decodes the escapes of the current TOKEN_STRING into (out), which holds at
 * least tok.len + 1 bytes, and returns the length. The lexer has checked them.
 */
size_t lex_unescape(const struct token *t, char *out);

/* Records "expected (what), found <current token>"; returns -XEN_EINVAL. */
int lex_expected(struct lexer *l, const char *what);

/* Records a message at (pos); returns (rc). */
__printf(4, 5) int xlcfg_fail(struct xlcfg *cfg, int rc,
                              const struct xlcfg_pos *pos, const char *format,
                              ...);

#endif /* XLCFG_LEX_H */
