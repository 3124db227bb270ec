/* SPDX-License-Identifier: ISC */
/* Ends of lines, with the text cut and the output short in every way. */
#include <base/crlf.h>
#include <string.h>
#include <tap.h>

static char got[128];

/* (text) with returns added: given in two pieces, the first (cut) long, into
 * (size) bytes at a time. */
static const char *added(const char *text, size_t cut, size_t size)
{
    struct crlf c = {.cr = false};
    size_t len = strlen(text), used = 0, rest;

    for (int piece = 0; piece < 2; piece++) {
        const char *from = piece ? text + cut : text;

        rest = piece ? len - cut : cut;
        while (rest > 0 && used + size < sizeof(got))
            used += crlf_add(&c, got + used, size, &from, &rest);
    }
    got[used] = '\0';
    return got;
}

/* (text) without returns, likewise; what is held back at the end comes last. */
static const char *dropped(const char *text, size_t cut)
{
    struct crlf c = {.cr = false};
    size_t used = crlf_drop(&c, got, text, cut);

    used += crlf_drop(&c, got + used, text + cut, strlen(text) - cut);
    if (c.cr)
        got[used++] = '|';
    got[used] = '\0';
    return got;
}

static void adds(const char *text, const char *want, const char *what)
{
    size_t cut, size, wrong = 0;

    for (cut = 0; cut <= strlen(text); cut++)
        for (size = 2; size < 20; size++)
            wrong += strcmp(added(text, cut, size), want) != 0;
    is_int((long long)wrong, 0, "%s", what);
}

static void drops(const char *text, const char *want, const char *what)
{
    size_t cut, wrong = 0;

    for (cut = 0; cut <= strlen(text); cut++)
        wrong += strcmp(dropped(text, cut), want) != 0;
    is_int((long long)wrong, 0, "%s", what);
}

static void test_room(void)
{
    struct crlf c = {.cr = false};
    const char *text = "a\nb";
    size_t len = 3;

    is_int((long long)crlf_add(&c, got, 2, &text, &len), 1,
           "a line's end is not torn");
    is_int((long long)len, 2, "what did not fit is left");
    is_int((long long)crlf_add(&c, got, 0, &text, &len), 0, "no room");
    is_int((long long)crlf_drop(&c, got, "", 0), 0, "nothing");
}

int main(void)
{
    adds("one\ntwo\n", "one\r\ntwo\r\n", "a return before each newline");
    adds("\n\n", "\r\n\r\n", "empty lines");
    adds("one\r\n\r\ntwo\r\n", "one\r\n\r\ntwo\r\n", "not where there is one");
    adds("50%\r100%\n", "50%\r100%\r\n", "other returns stay");
    drops("one\r\ntwo\r\n", "one\ntwo\n", "a return before a newline goes");
    drops("one\ntwo\n", "one\ntwo\n", "bare newlines stay");
    drops("\r\n\r\n", "\n\n", "empty lines");
    drops("one\r\r\r\ntwo", "one\ntwo", "and so do several");
    drops("50%\r\r100%\r\n", "50%\r100%\n", "within a line one stays");
    drops("end\r", "end|", "one at the end is held back");
    test_room();
    return tap_done();
}
