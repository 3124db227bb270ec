/* SPDX-License-Identifier: ISC */
/* Xenstore's wire format: paths, permissions, strings, error names. */
#include <xenstore/wire.h>
#include <xen/errno.h>
#include <tap.h>

static char big[5000];

static const char *path_of(const char *start, size_t len)
{
    size_t n = strlen(start);

    memset(big, 'x', sizeof(big));
    memcpy(big, start, n);
    big[len] = '\0';
    return big;
}

static void test_paths(void)
{
    static const char *const good[] = {
        "/", "/a", "/local/domain/7", "/A-z_0@/9", "/@releaseDomain",
    };
    static const char *const bad[] = {
        "",     "a",    "//",    "/a/",   "/a//b", "/a b",
        "/a.b", "/a:b", "/\xc3", "/a\nb", "@foo",  "/a,",
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(good); i++)
        ok(xs_path_ok(good[i]), "\"%s\" is a path", good[i]);
    for (i = 0; i < ARRAY_SIZE(bad); i++)
        ok(!xs_path_ok(bad[i]), "bad path %zu is none", i);
    ok(xs_path_ok(path_of("/", 2048)), "2048 bytes are allowed");
    ok(!xs_path_ok(path_of("/", 2049)), "2049 are not");
    ok(xs_path_ok(path_of("/local/domain/12/", 17 + 2048)),
       "2048 bytes below a home are allowed");
    ok(!xs_path_ok(path_of("/local/domain/12/", 17 + 2049)), "2049 are not");
    ok(!xs_path_ok(path_of("/local/domain/1234567/", 2049)),
       "a home's number is short");
    ok(!xs_path_ok(path_of("/local/domain/12/", 4000)), "nor are 4000");
}

static void test_absolute(void)
{
    char out[XENSTORE_ABS_PATH_MAX + 1];
    size_t prefix = 99;

    is_int(xs_path_absolute("data/x", 7, out, &prefix), 0, "relative path");
    is_str(out, "/local/domain/7/data/x", "is below the home");
    is_int(prefix, 16, "the prefix is told");
    is_int(xs_path_absolute("/data", 7, out, &prefix), 0, "absolute path");
    is_str(out, "/data", "stays");
    is_int(prefix, 0, "without a prefix");
    is_int(xs_path_absolute("", 7, out, &prefix), -XEN_EINVAL, "empty path");
    is_int(xs_path_absolute("@x/", 7, out, &prefix), -XEN_EINVAL,
           "ends with a slash");
    is_int(xs_path_absolute(path_of("x", 2048), 32751, out, &prefix), 0,
           "2048 relative bytes");
    is_int(xs_path_absolute(path_of("x", 2049), 7, out, &prefix), -XEN_EINVAL,
           "2049 are too many");
    is_int(xs_path_absolute(path_of("/x", 4500), 7, out, &prefix), -XEN_EINVAL,
           "4500 absolute ones, too");
}

static void test_perms(void)
{
    static const char *const good[] = {"n0", "r1", "w32751", "b7"};
    static const char *const bad[] = {
        "",       "n",      "x1", "r-1", "r1 ", "1r",
        "r32752", "r65536", "R1", "r+1", "rr1", "r99999999999999999999"};
    char text[XS_PERM_TEXT];
    struct xs_perm p;
    size_t i;

    for (i = 0; i < ARRAY_SIZE(good); i++) {
        is_int(xs_perm_parse(good[i], &p), 0, "%s", good[i]);
        is_int(xs_perm_print(&p, text), strlen(good[i]), "and back: length");
        is_str(text, good[i], "and back");
    }
    for (i = 0; i < ARRAY_SIZE(bad); i++)
        is_int(xs_perm_parse(bad[i], &p), -XEN_EINVAL, "not \"%s\"", bad[i]);
}

static void test_strings(void)
{
    const char *s[3];
    uint64_t v;

    is_int(xs_strings("a\0bc", 5, s, 3), 2, "two strings");
    is_str(s[1], "bc", "the second");
    is_int(xs_strings("a\0bc", 4, s, 3), -XEN_EINVAL, "missing NUL");
    is_int(xs_strings("", 0, s, 3), 0, "none");
    is_int(xs_strings("\0\0", 3, s, 3), 3, "empty ones");
    is_int(xs_strings("\0\0\0", 4, s, 3), -XEN_E2BIG, "too many");
    is_int(xs_number("32751", 32751, &v), 0, "a number");
    is_int(v, 32751, "its value");
    is_int(xs_number("32752", 32751, &v), -XEN_EINVAL, "above the limit");
    is_int(xs_number("18446744073709551616", UINT64_MAX, &v), -XEN_EINVAL,
           "2^64");
    is_int(xs_number("-1", 5, &v), -XEN_EINVAL, "negative");
    is_int(xs_number("", 5, &v), -XEN_EINVAL, "nothing");
}

static void test_errors(void)
{
    is_str(xs_error_name(-XEN_ENOENT), "ENOENT", "an error's name");
    is_str(xs_error_name(-9999), "EIO", "one without a name");
    is_int(xs_error_number("EAGAIN", 7), -XEN_EAGAIN, "with NUL");
    is_int(xs_error_number("E2BIG", 5), -XEN_E2BIG, "without");
    is_int(xs_error_number("EFOO", 5), -XEN_EIO, "unknown");
    is_int(xs_error_number("", 0), -XEN_EIO, "empty");
}

int main(void)
{
    test_paths();
    test_absolute();
    test_perms();
    test_strings();
    test_errors();
    return tap_done();
}
