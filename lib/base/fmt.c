/* SPDX-License-Identifier: ISC */
/* printf formatting without a libc; the contract is in base/fmt.h. */
#include <base/fmt.h>

#include <base/string.h>
#include <stdbool.h>
#include <stdint.h>

/* l, ll, z, t and j are one: all those types have 64 bits here. */
enum length { LEN_INT, LEN_CHAR, LEN_SHORT, LEN_LONG };
_Static_assert(sizeof(long) == sizeof(long long), "LP64");

/* What stands between '%' and the conversion letter. */
struct spec {
    bool left, plus, space, alt, zero;
    enum length length;
    unsigned width;
    int precision; /* -1: none given */
};

struct out {
    fmt_sink *sink;
    void *arg;
    size_t total;
    va_list ap;
};

/* A width or precision beyond this is taken as this: nothing sensible is
 * longer, and int arithmetic stays far from overflow. */
#define NUMBER_MAX 65535

/* Digits of a 64-bit number in octal-free bases, at most 20. */
#define DIGITS_MAX 20

static void put(struct out *o, const char *bytes, size_t len)
{
    if (len == 0)
        return;
    o->sink(o->arg, bytes, len);
    o->total += len;
}

static void pad(struct out *o, char c, size_t count)
{
    char run[16];

    memset(run, c, sizeof(run));
    while (count > 0) {
        size_t n = count < sizeof(run) ? count : sizeof(run);

        put(o, run, n);
        count -= n;
    }
}

static const char *parse_number(const char *f, unsigned *out)
{
    unsigned n = 0;

    while (*f >= '0' && *f <= '9') {
        n = n * 10 + (unsigned)(*f++ - '0');
        if (n > NUMBER_MAX)
            n = NUMBER_MAX;
    }
    *out = n;
    return f;
}

static const char *parse_flags(const char *f, struct spec *s)
{
    for (;; f++) {
        switch (*f) {
        case '-':
            s->left = true;
            break;
        case '+':
            s->plus = true;
            break;
        case ' ':
            s->space = true;
            break;
        case '#':
            s->alt = true;
            break;
        case '0':
            s->zero = true;
            break;
        default:
            return f;
        }
    }
}

static const char *parse_width(const char *f, struct spec *s, va_list *ap)
{
    long width;

    if (*f != '*')
        return parse_number(f, &s->width);
    width = va_arg(*ap, int);
    if (width < 0) {
        s->left = true;
        width = -width;
    }
    s->width = width > NUMBER_MAX ? NUMBER_MAX : (unsigned)width;
    return f + 1;
}

static const char *parse_precision(const char *f, struct spec *s, va_list *ap)
{
    unsigned n;
    int precision;

    s->precision = -1;
    if (*f != '.')
        return f;
    f++;
    if (*f != '*') {
        f = parse_number(f, &n);
        s->precision = (int)n;
        return f;
    }
    precision = va_arg(*ap, int);
    if (precision >= 0)
        s->precision = precision > NUMBER_MAX ? NUMBER_MAX : precision;
    return f + 1;
}

static const char *parse_length(const char *f, struct spec *s)
{
    s->length = LEN_INT;
    if (*f == 'h') {
        s->length = f[1] == 'h' ? LEN_CHAR : LEN_SHORT;
        return f + (f[1] == 'h' ? 2 : 1);
    }
    if (*f == 'l' || *f == 'z' || *f == 't' || *f == 'j') {
        s->length = LEN_LONG;
        return f + (f[0] == 'l' && f[1] == 'l' ? 2 : 1);
    }
    return f;
}

static int64_t signed_arg(const struct spec *s, va_list *ap)
{
    switch (s->length) {
    case LEN_CHAR:
        return (signed char)va_arg(*ap, int);
    case LEN_SHORT:
        return (short)va_arg(*ap, int);
    case LEN_LONG:
        return va_arg(*ap, long);
    default:
        return va_arg(*ap, int);
    }
}

static uint64_t unsigned_arg(const struct spec *s, va_list *ap)
{
    switch (s->length) {
    case LEN_CHAR:
        return (unsigned char)va_arg(*ap, unsigned);
    case LEN_SHORT:
        return (unsigned short)va_arg(*ap, unsigned);
    case LEN_LONG:
        return va_arg(*ap, unsigned long);
    default:
        return va_arg(*ap, unsigned);
    }
}

/* Prints (value) after (prefix), a sign or "0x", as the flags say. */
static void put_number(struct out *o, const struct spec *s, uint64_t value,
                       unsigned base, bool upper, const char *prefix)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char digit[DIGITS_MAX];
    size_t nr = 0, zeros = 0, prefix_len = strlen(prefix), len, fill;

    for (; value != 0; value /= base)
        digit[DIGITS_MAX - ++nr] = set[value % base];
    if (nr == 0 && s->precision != 0)
        digit[DIGITS_MAX - ++nr] = '0';
    if (s->precision >= 0 && (size_t)s->precision > nr)
        zeros = (size_t)s->precision - nr;
    len = prefix_len + zeros + nr;
    fill = s->width > len ? s->width - len : 0;
    if (s->zero && !s->left && s->precision < 0) {
        zeros += fill;
        fill = 0;
    }
    if (!s->left)
        pad(o, ' ', fill);
    put(o, prefix, prefix_len);
    pad(o, '0', zeros);
    put(o, digit + DIGITS_MAX - nr, nr);
    if (s->left)
        pad(o, ' ', fill);
}

static void put_signed(struct out *o, const struct spec *s)
{
    int64_t value = signed_arg(s, &o->ap);
    const char *sign = "";
    uint64_t magnitude = (uint64_t)value;

    if (value < 0) {
        sign = "-";
        magnitude = 0 - magnitude;
    } else if (s->plus) {
        sign = "+";
    } else if (s->space) {
        sign = " ";
    }
    put_number(o, s, magnitude, 10, false, sign);
}

static void put_hex(struct out *o, const struct spec *s, bool upper)
{
    uint64_t value = unsigned_arg(s, &o->ap);
    const char *prefix = "";

    if (s->alt && value != 0)
        prefix = upper ? "0X" : "0x";
    put_number(o, s, value, 16, upper, prefix);
}

static void put_text(struct out *o, const struct spec *s, const char *text,
                     size_t len)
{
    size_t fill = s->width > len ? s->width - len : 0;

    if (!s->left)
        pad(o, ' ', fill);
    put(o, text, len);
    if (s->left)
        pad(o, ' ', fill);
}

static void put_string(struct out *o, const struct spec *s)
{
    const char *text = va_arg(o->ap, const char *);

    if (!text)
        text = "(null)";
    /* With a precision the text need not end in a NUL. */
    put_text(o, s, text,
             s->precision < 0 ? strlen(text)
                              : strnlen(text, (size_t)s->precision));
}

/* Handles the conversion that (f) points at; returns what follows it. */
static const char *convert(struct out *o, const char *start, const char *f,
                           const struct spec *s)
{
    char c;

    switch (*f) {
    case 'd':
    case 'i':
        put_signed(o, s);
        break;
    case 'u':
        put_number(o, s, unsigned_arg(s, &o->ap), 10, false, "");
        break;
    case 'x':
    case 'X':
        put_hex(o, s, *f == 'X');
        break;
    case 'p':
        put_number(o, s, (uintptr_t)va_arg(o->ap, void *), 16, false, "0x");
        break;
    case 'c':
        c = (char)va_arg(o->ap, int);
        put_text(o, s, &c, 1);
        break;
    case 's':
        put_string(o, s);
        break;
    case '%':
        put(o, "%", 1);
        break;
    case '\0':
        /* The format ends inside a conversion: show what there is. */
        put(o, start, (size_t)(f - start));
        return f;
    default:
        /* Unknown: shown as written, so that it is noticed. */
        put(o, start, (size_t)(f + 1 - start));
        break;
    }
    return f + 1;
}

size_t fmt_vprint(fmt_sink *sink, void *arg, const char *format, va_list ap)
{
    struct out o = {.sink = sink, .arg = arg};
    const char *f = format;

    va_copy(o.ap, ap);
    while (*f != '\0') {
        const char *start = f;
        struct spec s = {.precision = -1};

        while (*f != '\0' && *f != '%')
            f++;
        put(&o, start, (size_t)(f - start));
        if (*f == '\0')
            break;
        start = f;
        f = parse_flags(f + 1, &s);
        f = parse_width(f, &s, &o.ap);
        f = parse_precision(f, &s, &o.ap);
        f = parse_length(f, &s);
        f = convert(&o, start, f, &s);
    }
    va_end(o.ap);
    return o.total;
}

struct buffer {
    char *bytes;
    size_t size, used; /* used counts what did not fit as well */
};

static void buffer_sink(void *arg, const char *bytes, size_t len)
{
    struct buffer *b = arg;

    if (b->used < b->size) {
        size_t room = b->size - b->used;

        memcpy(b->bytes + b->used, bytes, len < room ? len : room);
    }
    b->used += len;
}

size_t fmt_vsnprintf(char *buf, size_t size, const char *format, va_list ap)
{
    struct buffer b = {.bytes = buf, .size = size ? size - 1 : 0};

    fmt_vprint(buffer_sink, &b, format, ap);
    if (size > 0)
        buf[b.used < b.size ? b.used : b.size] = '\0';
    return b.used;
}

size_t fmt_snprintf(char *buf, size_t size, const char *format, ...)
{
    va_list ap;
    size_t n;

    va_start(ap, format);
    n = fmt_vsnprintf(buf, size, format, ap);
    va_end(ap);
    return n;
}
