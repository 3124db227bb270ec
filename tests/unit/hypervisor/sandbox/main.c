/* SPDX-License-Identifier: ISC */
/* The list that is read out of a filter is what the filter does. */
#include "sandbox_test.h"

#include <errno.h>
#include <string.h>

#include <base/compiler.h>
#include <tap.h>

void build_filter(struct filter *f, struct sandbox_paths *p, bool strict_wx,
                  bool arch_prctl)
{
    const struct filter_params params = {TEXT_START, TEXT_END, strict_wx,
                                         arch_prctl};

    ok(filter_build(&params, f), "the filter fits: %u instructions", f->len);
    is_int(sandbox_walk(f->insn, f->len, p), 0, "its paths are found");
}

/* What the kernel's interpreter does. */
static uint32_t run(const struct filter *f, const uint32_t *data)
{
    uint32_t a = 0;

    for (unsigned pc = 0; pc < f->len; pc++) {
        const struct bpf_insn *in = &f->insn[pc];

        switch (in->code) {
        case BPF_LD_ABS:
            a = data[in->k / 4];
            break;
        case BPF_AND:
            a &= in->k;
            break;
        case BPF_JEQ:
            pc += a == in->k ? in->jt : in->jf;
            break;
        case BPF_JGT:
            pc += a > in->k ? in->jt : in->jf;
            break;
        case BPF_JGE:
            pc += a >= in->k ? in->jt : in->jf;
            break;
        default:
            return in->k;
        }
    }
    return 0;
}

static uint32_t next_random(void)
{
    static uint64_t x = 88172645463325252ull;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (uint32_t)(x >> 16);
}

/* Values at which something changes, mostly. */
static uint32_t some_value(void)
{
    static const uint32_t edges[] = {
        0,       1,       2,          3,           4,          5,
        6,       7,       8,          9,           0x10,       0x11,
        0x12,    0xffff,  0x10000,    0x10001,     0x10fff,    0x11000,
        0x11001, 0xfffff, 0x100000,   0x100001,    0x1000,     0x1001,
        0x1004,  0x1005,  0x7fffffff, 0x80000000u, UINT32_MAX, 0x40000001,
    };
    uint32_t r = next_random();

    return r % 8 ? edges[r / 8 % ARRAY_SIZE(edges)] : next_random();
}

static void some_call(uint32_t *data, const struct sandbox_paths *p)
{
    const struct sandbox_path *like = &p->path[next_random() % p->nr];

    for (unsigned i = 0; i < BPF_DATA_WORDS; i++)
        data[i] = next_random() % 4 ? like->word[i].min : some_value();
    if (next_random() % 4 == 0)
        data[BPF_DATA_NR / 4] = next_random() % 480;
}

/* Exactly one path is taken by each call, and it has the right verdict. */
static void compare(bool strict_wx, bool arch_prctl)
{
    static struct sandbox_paths p;
    struct filter f;
    unsigned bad = 0, allowed = 0;

    build_filter(&f, &p, strict_wx, arch_prctl);
    for (int n = 0; n < 100000; n++) {
        uint32_t data[BPF_DATA_WORDS], verdict;
        unsigned taken = 0;

        some_call(data, &p);
        verdict = run(&f, data);
        allowed += verdict == BPF_RET_ALLOW;
        for (unsigned i = 0; i < p.nr; i++) {
            bool here = true;

            for (unsigned w = 0; w < BPF_DATA_WORDS; w++)
                here = here && sandbox_word_has(&p.path[i].word[w], data[w]);
            taken += here;
            bad += here && p.path[i].verdict != verdict;
        }
        bad += taken != 1;
    }
    is_int(bad, 0, "100,000 calls end as their path says");
    ok(allowed > 1000, "%u of them well", allowed);
}

static void counts(bool strict_wx, bool arch_prctl, int want)
{
    static struct sandbox_paths p;
    uint32_t nr[10];
    struct filter f;

    build_filter(&f, &p, strict_wx, arch_prctl);
    is_int(sandbox_calls(&p, nr, ARRAY_SIZE(nr)), want, "%d calls", want);
    is_int(sandbox_calls(&p, nr, 8), -ENOTSUP, "more than there is room for");
}

#define INSN(c, t, f, v)                                                       \
    {                                                                          \
        .code = (c), .jt = (t), .jf = (f), .k = (v)                            \
    }

static void damaged(void)
{
    static struct sandbox_paths p;
    static const struct bpf_insn
        none[] = {INSN(BPF_LD_ABS, 0, 0, 0)},
        odd[] = {INSN(BPF_LD_ABS, 0, 0, 2), INSN(BPF_RET, 0, 0, 0)},
        beyond[] = {INSN(BPF_LD_ABS, 0, 0, 64), INSN(BPF_RET, 0, 0, 0)},
        early[] = {INSN(BPF_JEQ, 0, 0, 1), INSN(BPF_RET, 0, 0, 0)},
        off[] = {INSN(BPF_LD_ABS, 0, 0, 0), INSN(BPF_JEQ, 9, 0, 1),
                 INSN(BPF_RET, 0, 0, 0)},
        other[] = {INSN(0x87, 0, 0, 0), INSN(BPF_RET, 0, 0, 0)},
        range[] = {INSN(BPF_LD_ABS, 0, 0, 0), INSN(BPF_JGE, 0, 1, 7),
                   INSN(BPF_RET, 0, 0, BPF_RET_ALLOW), INSN(BPF_RET, 0, 0, 0)};
    uint32_t nr[4];

    is_int(sandbox_walk(none, 0, &p), -EINVAL, "no program");
    is_int(sandbox_walk(none, 1, &p), -EINVAL, "one without an end");
    is_int(sandbox_walk(odd, 2, &p), -EINVAL, "a load of half a word");
    is_int(sandbox_walk(beyond, 2, &p), -EINVAL, "a load beyond the call");
    is_int(sandbox_walk(early, 2, &p), -EINVAL, "a jump before any load");
    is_int(sandbox_walk(off, 3, &p), -EINVAL, "a jump off the end");
    is_int(sandbox_walk(other, 2, &p), -ENOTSUP, "an unknown instruction");
    is_int(sandbox_walk(range, 4, &p), 0, "one that lets a range through");
    is_int(sandbox_calls(&p, nr, 4), -ENOTSUP, "has no list");
}

static void names(void)
{
    is_str(sandbox_call_name(0), "read", "the first call");
    is_str(sandbox_call_name(59), "execve", "one in the middle");
    ok(!sandbox_call_name(400), "a number that is none");
    ok(!sandbox_call_name(UINT32_MAX), "nor is this");
}

int main(void)
{
    for (int kind = 0; kind < 4; kind++) {
        compare(kind & 1, kind & 2);
        counts(kind & 1, kind & 2, kind & 2 ? 10 : 9);
    }
    damaged();
    names();
    test_probe(true, false);
    test_probe(false, true);
    return tap_done();
}
