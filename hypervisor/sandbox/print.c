/* SPDX-License-Identifier: ISC */
/* A filter's list, for people. */
#include <sandbox/sandbox.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <base/compiler.h>

#define MAX_CALLS 64
#define NR_ARGS   6
/* Of one argument. */
#define MAX_WAYS 8

/* What an argument may be: one of several pairs of words. */
struct ways {
    unsigned nr;
    const struct sandbox_word *lo[MAX_WAYS], *hi[MAX_WAYS];
};

/* Words for people; whether an argument is bounded is not decided here. */
static const struct {
    uint32_t nr;
    const char *arg[NR_ARGS];
} arg_names[] = {
    {1, {"fd", "buf", "bytes"}},
    {9, {"addr", "bytes", "prot", "flags", "fd", "offset"}},
    {11, {"addr", "bytes"}},
    {38, {"which", "new", "old"}},
    {158, {"code", "addr"}},
    {202, {"word", "op", "value", "timeout"}},
};

static const char *arg_name(uint32_t nr, unsigned arg)
{
    static const char *const plain[NR_ARGS] = {"arg0", "arg1", "arg2",
                                               "arg3", "arg4", "arg5"};

    for (unsigned i = 0; i < ARRAY_SIZE(arg_names); i++)
        if (arg_names[i].nr == nr && arg_names[i].arg[arg])
            return arg_names[i].arg[arg];
    return plain[arg];
}

static bool is_any(const struct sandbox_word *w)
{
    return !w->min && w->max == UINT32_MAX && !w->nr_nots && !w->nr_masks;
}

static bool is_range(const struct sandbox_word *w, uint32_t min, uint32_t max)
{
    return w->min == min && w->max == max && !w->nr_nots && !w->nr_masks;
}

static void print_word(const struct sandbox_word *w, FILE *f)
{
    if (w->min == w->max)
        fprintf(f, "= %#x", w->min);
    else if (!w->min && w->max != UINT32_MAX)
        fprintf(f, "<= %#x", w->max);
    else if (w->max == UINT32_MAX)
        fprintf(f, ">= %#x", w->min);
    else
        fprintf(f, "%#x to %#x", w->min, w->max);
    for (uint32_t i = 0; i < w->nr_nots; i++)
        fprintf(f, ", not %#x", w->nots[i]);
    for (uint32_t i = 0; i < w->nr_masks; i++)
        fprintf(f, ", & %#x %s %#x", w->masks[i].mask,
                w->masks[i].differ ? "!=" : "=", w->masks[i].bits);
}

/* All 64 bits at least lo->min: the upper half is anything but 0, or the lower
 * decides. */
static bool is_wide_minimum(const struct ways *v, uint32_t *min)
{
    unsigned high, low;

    if (v->nr != 2)
        return false;
    high = is_any(v->lo[0]) ? 0 : 1;
    low = !high;
    *min = v->lo[low]->min;
    return is_any(v->lo[high]) && is_range(v->hi[high], 1, UINT32_MAX) &&
           is_range(v->hi[low], 0, 0) && is_range(v->lo[low], *min, UINT32_MAX);
}

static void print_arg(const char *name, const struct ways *v, FILE *f)
{
    uint32_t min;

    fprintf(f, "%s ", name);
    if (is_wide_minimum(v, &min)) {
        fprintf(f, ">= %#x (64 bits)", min);
        return;
    }
    for (unsigned i = 0; i < v->nr; i++) {
        if (i)
            fputs(" or ", f);
        print_word(v->lo[i], f);
        if (is_range(v->hi[i], 0, 0)) {
            fputs(" (64 bits)", f);
        } else if (!is_any(v->hi[i])) {
            fputs(", upper half ", f);
            print_word(v->hi[i], f);
        }
    }
}

static bool same_word(const struct sandbox_word *a,
                      const struct sandbox_word *b)
{
    return a->min == b->min && a->max == b->max && a->nr_nots == b->nr_nots &&
           a->nr_masks == b->nr_masks &&
           !memcmp(a->nots, b->nots, a->nr_nots * sizeof(*a->nots)) &&
           !memcmp(a->masks, b->masks, a->nr_masks * sizeof(*a->masks));
}

static bool add_way(struct ways *v, const struct sandbox_word *lo,
                    const struct sandbox_word *hi)
{
    for (unsigned i = 0; i < v->nr; i++)
        if (same_word(v->lo[i], lo) && same_word(v->hi[i], hi))
            return true;
    if (v->nr == MAX_WAYS)
        return false;
    v->lo[v->nr] = lo;
    v->hi[v->nr++] = hi;
    return true;
}

static bool lets_through(const struct sandbox_path *p, uint32_t nr)
{
    return p->verdict == BPF_RET_ALLOW && p->word[BPF_DATA_NR / 4].min == nr;
}

/* Arguments are bounded one by one when the paths are all combinations of what
 * each may be: it is enough to compare numbers, as no two paths are alike. */
static int print_call(const struct sandbox_paths *p, uint32_t nr, FILE *f)
{
    struct ways v[NR_ARGS] = {0};
    const char *name = sandbox_call_name(nr), *sep = "";
    unsigned paths = 0, combinations = 1;

    for (unsigned i = 0; i < p->nr; i++) {
        if (!lets_through(&p->path[i], nr))
            continue;
        paths++;
        for (unsigned a = 0; a < NR_ARGS; a++)
            if (!add_way(&v[a], &p->path[i].word[BPF_ARG_LO(a) / 4],
                         &p->path[i].word[BPF_ARG_HI(a) / 4]))
                return -ENOTSUP;
    }
    fprintf(f, "%5u %-16s ", nr, name ? name : "?");
    for (unsigned a = 0; a < NR_ARGS; a++) {
        combinations *= v[a].nr;
        if (v[a].nr == 1 && is_any(v[a].lo[0]) && is_any(v[a].hi[0]))
            continue;
        fputs(sep, f);
        print_arg(arg_name(nr, a), &v[a], f);
        sep = "; ";
    }
    fputs(*sep ? "\n" : "any arguments\n", f);
    return combinations == paths ? 0 : -ENOTSUP;
}

/* That everything comes from the same piece of text and in the same ABI. */
static int print_origin(const struct sandbox_paths *p, FILE *f)
{
    const struct sandbox_word *w = NULL;

    for (unsigned i = 0; i < p->nr; i++) {
        const struct sandbox_word *v = p->path[i].word;

        if (p->path[i].verdict != BPF_RET_ALLOW)
            continue;
        for (unsigned k = BPF_DATA_ARCH / 4; w && k <= BPF_DATA_IP_HI / 4; k++)
            if (!same_word(&v[k], &w[k]))
                return -ENOTSUP;
        w = v;
    }
    if (!w || !is_range(&w[BPF_DATA_IP_HI / 4], 0, 0))
        return -ENOTSUP;
    if (!is_range(&w[BPF_DATA_ARCH / 4], BPF_ARCH_X86_64, BPF_ARCH_X86_64))
        return -ENOTSUP;
    fputs("  x86-64 calls; the instruction behind is at an address ", f);
    print_word(&w[BPF_DATA_IP_LO / 4], f);
    fputs("\n", f);
    return 0;
}

int sandbox_print(const struct sandbox_paths *p, FILE *f)
{
    uint32_t nr[MAX_CALLS];
    int n = sandbox_calls(p, nr, ARRAY_SIZE(nr)), rc = 0;

    if (n <= 0)
        return n;
    rc = print_origin(p, f);
    for (int i = 0; i < n && !rc; i++)
        rc = print_call(p, nr[i], f);
    fprintf(f, "  %d system calls\n", n);
    return rc;
}
