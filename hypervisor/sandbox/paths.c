/* SPDX-License-Identifier: ISC */
/* Every path through a filter, and the values that lead there. */
#include <sandbox/sandbox.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <base/compiler.h>

/* The program has no loops (jumps only lead forward), so the paths are finite;
 * those that contradict themselves are dropped as they are found. */
struct walk {
    const struct bpf_insn *insn;
    unsigned len;
    struct sandbox_paths *out;
};

/* What A holds: (word) & (mask). */
struct accumulator {
    int word; /* -1: nothing yet                                           */
    uint32_t mask;
};

static bool mask_holds(const struct sandbox_mask *m, uint32_t value)
{
    return ((value & m->mask) == m->bits) == !m->differ;
}

int sandbox_word_has(const struct sandbox_word *w, uint32_t value)
{
    if (value < w->min || value > w->max)
        return 0;
    for (uint32_t i = 0; i < w->nr_nots; i++)
        if (w->nots[i] == value)
            return 0;
    for (uint32_t i = 0; i < w->nr_masks; i++)
        if (!mask_holds(&w->masks[i], value))
            return 0;
    return 1;
}

static bool is_not(const struct sandbox_word *w, uint32_t value)
{
    for (uint32_t i = 0; i < w->nr_nots; i++)
        if (w->nots[i] == value)
            return true;
    return false;
}

/* Moves the ends past values that are not in, and forgets exceptions that lie
 * outside. False: nothing is left. A mask that the ends alone contradict may go
 * unnoticed unless there is one value only: then a path is shown that nobody can
 * take, never the other way round. */
static bool tidy(struct sandbox_word *w)
{
    uint32_t kept = 0;

    while (w->min < w->max && is_not(w, w->min))
        w->min++;
    while (w->min < w->max && is_not(w, w->max))
        w->max--;
    if (w->min == w->max && !sandbox_word_has(w, w->min))
        return false;
    for (uint32_t i = 0; i < w->nr_nots; i++)
        if (w->nots[i] > w->min && w->nots[i] < w->max)
            w->nots[kept++] = w->nots[i];
    w->nr_nots = kept;
    if (w->min == w->max)
        w->nr_masks = 0;
    return true;
}

/* w == k or w != k. 1: values are left, 0: none, -E2BIG. */
static int narrow_equal(struct sandbox_word *w, uint32_t k, bool equal)
{
    if (equal) {
        if (!sandbox_word_has(w, k))
            return 0;
        w->min = w->max = k;
    } else if (w->nr_nots == SANDBOX_MAX_NOTS) {
        return -E2BIG;
    } else {
        w->nots[w->nr_nots++] = k;
    }
    return tidy(w);
}

/* w >= k or w < k. */
static int narrow_range(struct sandbox_word *w, uint32_t k, bool at_least)
{
    if (at_least) {
        if (w->max < k)
            return 0;
        w->min = MAX(w->min, k);
    } else {
        if (!k || w->min >= k)
            return 0;
        w->max = MIN(w->max, k - 1);
    }
    return tidy(w);
}

static int narrow_masked(struct sandbox_word *w, uint32_t mask, uint32_t k,
                         bool equal)
{
    if (w->nr_masks == SANDBOX_MAX_MASKS)
        return -E2BIG;
    w->masks[w->nr_masks++] = (struct sandbox_mask){mask, k, !equal};
    return tidy(w);
}

/* What (w) is when the jump (in) is (taken). */
static int narrow(struct sandbox_word *w, const struct bpf_insn *in,
                  uint32_t mask, bool taken)
{
    if (mask != UINT32_MAX)
        return in->code == BPF_JEQ ? narrow_masked(w, mask, in->k, taken)
                                   : -ENOTSUP;
    switch (in->code) {
    case BPF_JEQ:
        return narrow_equal(w, in->k, taken);
    case BPF_JGE:
        return narrow_range(w, in->k, taken);
    case BPF_JGT:
        if (in->k == UINT32_MAX)
            return !taken;
        return narrow_range(w, in->k + 1, taken);
    default:
        return -ENOTSUP;
    }
}

static int add(struct walk *walk, const struct sandbox_path *p,
               uint32_t verdict)
{
    struct sandbox_paths *out = walk->out;

    if (out->nr == SANDBOX_MAX_PATHS)
        return -E2BIG;
    out->path[out->nr] = *p;
    out->path[out->nr++].verdict = verdict;
    return 0;
}

static int go(struct walk *walk, unsigned pc, struct accumulator a,
              const struct sandbox_path *so_far);

static int branch(struct walk *walk, unsigned pc, struct accumulator a,
                  const struct sandbox_path *so_far)
{
    const struct bpf_insn *in = &walk->insn[pc];

    if (a.word < 0)
        return -EINVAL;
    for (int taken = 1; taken >= 0; taken--) {
        struct sandbox_path p = *so_far;
        int rc = narrow(&p.word[a.word], in, a.mask, taken);

        if (rc > 0)
            rc = go(walk, pc + 1 + (taken ? in->jt : in->jf), a, &p);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int go(struct walk *walk, unsigned pc, struct accumulator a,
              const struct sandbox_path *so_far)
{
    for (; pc < walk->len; pc++) {
        const struct bpf_insn *in = &walk->insn[pc];

        switch (in->code) {
        case BPF_LD_ABS:
            if (in->k % 4 || in->k / 4 >= BPF_DATA_WORDS)
                return -EINVAL;
            a = (struct accumulator){(int)(in->k / 4), UINT32_MAX};
            break;
        case BPF_AND:
            a.mask &= in->k;
            break;
        case BPF_RET:
            return add(walk, so_far, in->k);
        case BPF_JEQ:
        case BPF_JGE:
        case BPF_JGT:
            return branch(walk, pc, a, so_far);
        default:
            return -ENOTSUP;
        }
    }
    return -EINVAL; /* ran off the end */
}

int sandbox_walk(const struct bpf_insn *insn, unsigned len,
                 struct sandbox_paths *out)
{
    struct walk walk = {insn, len, out};
    struct accumulator a = {.word = -1};
    struct sandbox_path any;

    memset(&any, 0, sizeof(any));
    for (unsigned i = 0; i < BPF_DATA_WORDS; i++)
        any.word[i].max = UINT32_MAX;
    out->nr = 0;
    return go(&walk, 0, a, &any);
}

int sandbox_calls(const struct sandbox_paths *p, uint32_t *nr, unsigned max)
{
    unsigned n = 0, at;

    for (unsigned i = 0; i < p->nr; i++) {
        const struct sandbox_word *w = &p->path[i].word[BPF_DATA_NR / 4];

        if (p->path[i].verdict != BPF_RET_ALLOW)
            continue;
        if (w->min != w->max)
            return -ENOTSUP;
        for (at = 0; at < n && nr[at] < w->min; at++)
            ;
        if (at < n && nr[at] == w->min)
            continue;
        if (n == max)
            return -ENOTSUP;
        memmove(&nr[at + 1], &nr[at], (n - at) * sizeof(*nr));
        nr[at] = w->min;
        n++;
    }
    return (int)n;
}
