/* SPDX-License-Identifier: ISC */
/* lib/xlcfg: values, places, and the exact complaint about each bad text. */
#include <tap.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xen/errno.h>
#include <xlcfg/xlcfg.h>

static _Alignas(16) char arena[1 << 20];
static char warned[XLCFG_MESSAGE_MAX + 64];

static void on_warning(void *arg, const struct xlcfg_message *m)
{
    (void)arg;
    snprintf(warned, sizeof(warned), "%s:%u:%u: %s", m->pos.source, m->pos.line,
             m->pos.column, m->text);
}

/* Parses a copy that ends exactly at the allocation, for ASan to guard. */
static int parse_more(struct xlcfg *cfg, const char *source, const char *text,
                      size_t len)
{
    char *copy = malloc(len ? len : 1);
    int rc;

    if (!copy)
        abort();
    memcpy(copy, text, len);
    rc = xlcfg_parse(cfg, source, copy, len);
    free(copy);
    return rc;
}

static int parse(struct xlcfg *cfg, const char *text)
{
    warned[0] = '\0';
    xlcfg_init(cfg, arena, sizeof(arena));
    cfg->warn = on_warning;
    return parse_more(cfg, "f", text, strlen(text));
}

/* (text) on one line, for the name of a test. */
static const char *shown(const char *text)
{
    static char out[128];

    snprintf(out, sizeof(out), "%s", text);
    for (char *c = out; *c; c++) {
        if ((unsigned char)*c < ' ')
            *c = '|';
    }
    return out;
}

static void good(const char *text, const char *key, const char *want)
{
    struct xlcfg cfg;
    int rc = parse(&cfg, text);
    const struct xlcfg_setting *s;

    if (rc) {
        ok(0, "%s: refused: %u:%u: %s", shown(text), cfg.error.pos.line,
           cfg.error.pos.column, cfg.error.text);
        return;
    }
    s = xlcfg_find(&cfg, key);
    is_str(s && s->value->text ? s->value->text : "(none)", want, "%s in: %s",
           key, shown(text));
}

static void bad(const char *text, const char *want)
{
    struct xlcfg cfg;
    int rc = parse(&cfg, text);
    char got[XLCFG_MESSAGE_MAX + 64] = "accepted";

    if (rc)
        snprintf(got, sizeof(got), "%u:%u: %s", cfg.error.pos.line,
                 cfg.error.pos.column, cfg.error.text);
    is_str(got, want, "refused: %s", shown(text));
}

static void test_values(void)
{
    good("a=1", "a", "1");
    good("a = 1\n", "a", "1");
    good("\ta\t=\t0x1f\t", "a", "0x1f");
    good("a=\"x\"", "a", "x");
    good("a='x'", "a", "x");
    good("a='x\"y'", "a", "x\"y");
    good("a=\"x'y\"", "a", "x'y");
    good("a=\"x#y\" # \"z", "a", "x#y");
    good("a=\"\"", "a", "");
    good("a=1;b=2", "b", "2");
    good(";;a=1;\n;\n#c\nb='2' ; # d\nc=3", "c", "3");
    good("a.b_2=1", "a.b_2", "1");
    good("a=-1", "a", "-1");
    good("a=\"t\tb \xc3\xa9\"", "a", "t\tb \xc3\xa9");
    good("a=\"\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"\"", "a", "\a\b\f\n\r\t\v\\'\"");
    good("a='it\\'s'", "a", "it's");
    good("a=\"\\x41\\101\\1012\"", "a", "AAA2");
    good("# only a comment", "a", "(none)");
    good("", "a", "(none)");
}

static void test_assignment(void)
{
    struct xlcfg cfg;

    good("a=1\nb=2\na=3", "a", "3");
    is_str(warned, "f:3:1: 'a' is set again, replacing its value of line 1",
           "setting a key twice in one text is warned about");
    good("a='x'\na+='y'\na+=\"z\"", "a", "xyz");
    is_str(warned, "", "adding to a key is not");
    good("a+='x'", "a", "x");
    is_int(parse(&cfg, "a=1\n"), 0, "a first text");
    is_int(parse_more(&cfg, "<command line>", "a=2", 3), 0, "a second text");
    is_str(warned, "", "another text overrides silently");
    is_str(xlcfg_find(&cfg, "a")->value->text, "2", "and wins");
    is_str(xlcfg_find(&cfg, "a")->pos.source, "<command line>",
           "and is where the key now is");
    is_int(cfg.nr_settings, 1, "one setting");
    is_int(parse_more(&cfg, "<command line>", "\n b=[", 5), -XEN_EINVAL,
           "an error in the second text");
    is_str(cfg.error.pos.source, "<command line>", "names the second text");
    is_int(cfg.error.pos.line, 2, "and its line");
}

static void test_lists(void)
{
    const struct xlcfg_value *v;
    struct xlcfg cfg;

    is_int(parse(&cfg, "a = [ 'x', # one\n  2,\n  [ 'in', [] ],\n]\nb=1"), 0,
           "a list over lines, nested, with a trailing comma");
    v = xlcfg_find(&cfg, "a")->value;
    is_int(v->type, XLCFG_LIST, "is a list");
    is_int(v->nr, 3, "of three");
    is_str(v->first->text, "x", "first");
    is_int(v->first->next->type, XLCFG_NUMBER, "second is a number");
    is_int(v->first->next->pos.line, 2, "on line 2");
    is_int(v->first->next->pos.column, 3, "column 3");
    is_int(v->last->nr, 2, "third is a list of two");
    ok(!v->last->next, "and the last");
    is_int(xlcfg_find(&cfg, "b")->pos.line, 5, "lines inside lists count");
}

static void test_list_addition(void)
{
    const struct xlcfg_value *v;
    struct xlcfg cfg;

    is_int(parse(&cfg, "a=[]\na+=['x']\na+=[]\na+=['y',]"), 0, "lists add");
    v = xlcfg_find(&cfg, "a")->value;
    is_int(v->nr, 2, "to two");
    is_str(v->last->text, "y", "the last one last");
    is_int(parse(&cfg, "a=[[[[[[[[1]]]]]]]]"), 0, "eight deep");
}

static void test_errors(void)
{
    bad("=5", "1:1: expected a key (lower-case letters first), found '='");
    bad("a 5", "1:3: expected '=' or '+=' behind the key, found '5'");
    bad("a\n=5", "1:2: expected '=' or '+=' behind the key, "
                 "found the end of the line");
    bad("a", "1:2: expected '=' or '+=' behind the key, found the end");
    bad("x=1\n  a=\n1", "2:5: expected a string, a number or '[', "
                        "found the end of the line");
    bad("a==5", "1:3: expected a string, a number or '[', found '='");
    bad("a=abc", "1:3: expected a string, a number or '[', found 'abc'");
    bad("a=True", "1:3: expected a string, a number or '[', found 'T'");
    bad("a=5 b=6", "1:5: expected the end of the line or ';', found 'b'");
    bad("a='x' 'y'", "1:7: expected the end of the line or ';', "
                     "found the string \"y\"");
    bad("a=1M", "1:3: expected a number, found '1M'");
    bad("a=08", "1:3: expected an octal number (it starts with 0), found '08'");
    bad("a=0x", "1:3: expected an octal number (it starts with 0), found '0x'");
    bad("a=0xg1", "1:3: expected a number, found '0xg1'");
    bad("a='x", "1:3: string has no closing ' on its line");
    bad("b=1\na=\"x\ny\"", "2:3: string has no closing \" on its line");
    bad("a='x\\\ny'", "1:5: a string must end on the line where it starts");
    bad("a='\\q'", "1:4: unknown escape '\\q' in a string");
    bad("a='\\x4'", "1:4: unknown escape '\\x' in a string");
    bad("a='\\0'", "1:4: unknown escape '\\0' in a string");
    bad("a='\\000'", "1:4: a string cannot contain a NUL byte");
    bad("a='\\400'", "1:4: octal escape is greater than \\377");
    bad("a=\\\n5", "1:3: expected a string, a number or '[', found '\\' "
                   "(lines cannot be continued, except inside [ ])");
    bad("a=5\r\n", "1:4: expected the end of the line or ';', found a carriage "
                   "return (does the file have DOS line ends?)");
    bad("A=1", "1:1: expected a key (lower-case letters first), found 'A'");
    bad("a-b=1", "1:2: expected '=' or '+=' behind the key, found '-'");
    bad("a=(1,2)", "1:3: expected a string, a number or '[', found '('");
    bad("\x01", "1:1: expected a key (lower-case letters first), "
                "found byte 0x01");
    bad("'\x1b[2J'=1", "1:1: expected a key (lower-case letters first), "
                       "found the string \"?[2J\"");
}

static void test_list_errors(void)
{
    bad("a=[,]", "1:4: expected a string, a number, '[' or ']', found ','");
    bad("a=[1,,2]", "1:6: expected a string, a number, '[' or ']', found ','");
    bad("a=[1 2]", "1:6: expected ',' or ']', found '2'");
    bad("a=['x'\n 'y']", "2:2: expected ',' or ']', found the string \"y\"");
    bad("a=[1,\n", "2:1: expected a string, a number, '[' or ']', "
                   "found the end");
    bad("a=1]", "1:4: expected the end of the line or ';', found ']'");
    bad("a=[[[[[[[[[1]]]]]]]]]", "1:11: lists nest more than 8 deep");
    bad("a='x'\na+=[1]", "2:4: cannot add a list to 'a', which is a string");
    bad("a=[]\na+='x'", "2:4: cannot add a string to 'a', which is a list");
    bad("a=1\na+=1", "2:4: cannot add a number to 'a', which is a number");
}

static int64_t number(const char *text, int *rc)
{
    int64_t n = -12345;
    struct xlcfg cfg;
    char line[64];

    snprintf(line, sizeof(line), "a=%s", text);
    if (parse(&cfg, line))
        abort();
    *rc = xlcfg_number(xlcfg_find(&cfg, "a")->value, &n);
    return n;
}

static void test_numbers(void)
{
    int rc;

    is_int(number("32", &rc), 32, "decimal");
    is_int(number("0x2F", &rc), 47, "hexadecimal");
    is_int(number("010", &rc), 8, "octal");
    is_int(number("0", &rc), 0, "zero");
    is_int(number("-7", &rc), -7, "negative");
    is_int(number("'12'", &rc), 12, "in a string");
    is_int(number("9223372036854775807", &rc), INT64_MAX, "the largest");
    is_int(rc, 0, "fits");
}

static void test_no_numbers(void)
{
    int rc;

    number("9223372036854775808", &rc);
    is_int(rc, -XEN_ERANGE, "one more does not");
    number("99999999999999999999999", &rc);
    is_int(rc, -XEN_ERANGE, "far too large");
    number("'abc'", &rc);
    is_int(rc, -XEN_EINVAL, "letters");
    number("'5x'", &rc);
    is_int(rc, -XEN_EINVAL, "a tail");
    number("''", &rc);
    is_int(rc, -XEN_EINVAL, "nothing");
    number("' 5'", &rc);
    is_int(rc, -XEN_EINVAL, "a blank");
    number("[1]", &rc);
    is_int(rc, -XEN_EINVAL, "a list");
}

/* (piece) so many times behind (start), then (end), in fresh memory. */
static char *repeated(const char *start, const char *piece, size_t count,
                      const char *end)
{
    size_t len = strlen(start) + strlen(piece) * count + strlen(end) + 1;
    char *text = malloc(len), *at = text;

    if (!text)
        abort();
    at = stpcpy(at, start);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, piece);
    stpcpy(at, end);
    return text;
}

static void test_settings_limit(void)
{
    static char text[XLCFG_MAX_SETTINGS * 12];
    struct xlcfg cfg;
    size_t len = 0;

    for (int i = 0; i <= XLCFG_MAX_SETTINGS; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "a%d=1;", i);
    xlcfg_init(&cfg, arena, sizeof(arena));
    is_int(parse_more(&cfg, "f", text, len), -XEN_E2BIG, "too many settings");
    is_int(cfg.error.pos.column, len - 7, "at the first that is too many");
}

static void test_arena(void)
{
    enum { COUNT = 30000 };
    char *text = repeated("", "a+='x'\n", COUNT, "");
    size_t len = strlen(text), size = XLCFG_ARENA_SIZE(len);
    char *own = malloc(size);
    struct xlcfg cfg;

    xlcfg_init(&cfg, own, size);
    is_int(parse_more(&cfg, "f", text, len), 0, "many additions fit");
    is_int(xlcfg_find(&cfg, "a")->value->len, COUNT, "with the right length");
    free(own);
    free(text);

    text = repeated("a=[", "1,", COUNT, "]");
    len = strlen(text);
    size = XLCFG_ARENA_SIZE(len);
    own = malloc(size);
    xlcfg_init(&cfg, own, size);
    is_int(parse_more(&cfg, "f", text, len), 0,
           "a long list fits the promised arena");
    xlcfg_init(&cfg, own, 500);
    is_int(parse_more(&cfg, "f", text, len), -XEN_ENOMEM,
           "and is refused by a small one");
    is_str(cfg.error.text, "the configuration is too large", "saying so");
    free(own);
    free(text);
}

int main(void)
{
    test_values();
    test_assignment();
    test_lists();
    test_list_addition();
    test_errors();
    test_list_errors();
    test_numbers();
    test_no_numbers();
    test_settings_limit();
    test_arena();
    return tap_done();
}
