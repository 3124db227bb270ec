/* SPDX-License-Identifier: ISC */
/* The console ring: wrapping, full and empty, and indices that lie. */
#include <ring/console.h>
#include <xen/errno.h>
#include <xen/io/console.h>
#include <stdlib.h>
#include <tap.h>

static struct xencons_interface ring;
static char buf[4096];

static void reset(uint32_t at)
{
    memset(&ring, 0, sizeof(ring));
    memset(buf, 0, sizeof(buf));
    ring.in_cons = ring.in_prod = at;
    ring.out_cons = ring.out_prod = at;
}

static void test_simple(uint32_t at)
{
    reset(at);
    is_int(cons_ring_read_out(&ring, buf, sizeof(buf)), 0, "empty at %u", at);
    is_int(cons_ring_write_out(&ring, "hello", 5), 5, "guest writes");
    is_int(ring.out_prod, at + 5, "index moves on");
    is_int(cons_ring_read_out(&ring, buf, 2), 2, "backend reads a part");
    is_int(cons_ring_read_out(&ring, buf + 2, sizeof(buf) - 2), 3,
           "and the rest");
    is_str(buf, "hello", "the bytes arrive");
    is_int(ring.out_cons, at + 5, "consumer's index moved on");

    is_int(cons_ring_write_in(&ring, "input", 5), 5, "backend writes");
    memset(buf, 0, sizeof(buf));
    is_int(cons_ring_read_in(&ring, buf, sizeof(buf)), 5, "guest reads");
    is_str(buf, "input", "the bytes arrive");
    is_int(cons_ring_read_in(&ring, buf, sizeof(buf)), 0, "empty again");
}

static void test_full(void)
{
    char big[4096];
    size_t i;

    for (i = 0; i < sizeof(big); i++)
        big[i] = (char)(i * 7 + 1);
    reset(UINT32_MAX - 100);
    is_int(cons_ring_write_out(&ring, big, sizeof(big)), 2048,
           "as much as the ring holds is taken");
    is_int(cons_ring_write_out(&ring, big, 1), 0, "then it is full");
    is_int(cons_ring_read_out(&ring, buf, sizeof(buf)), 2048,
           "all of it is read");
    ok(!memcmp(buf, big, 2048), "unchanged across both wraps");

    is_int(cons_ring_write_in(&ring, big, sizeof(big)), 1024,
           "the other direction holds 1024");
    is_int(cons_ring_write_in(&ring, big, 1), 0, "and no more");
    is_int(cons_ring_read_in(&ring, buf, 1000), 1000, "a part is read");
    is_int(cons_ring_write_in(&ring, big + 1024, 2000), 1000,
           "which makes room for as much");
    is_int(cons_ring_read_in(&ring, buf + 1000, sizeof(buf) - 1000), 1024,
           "the rest is read");
    ok(!memcmp(buf, big, 2024), "in order");
}

static void test_zero_length(void)
{
    reset(0);
    is_int(cons_ring_write_out(&ring, buf, 0), 0, "nothing to write");
    cons_ring_write_out(&ring, "x", 1);
    is_int(cons_ring_read_out(&ring, buf, 0), 0, "nothing to read into");
    is_int(ring.out_cons, 0, "nothing is consumed");
}

/* Pairs of indices that cannot be. */
static void test_hostile(void)
{
    static const uint32_t lies[][2] = {
        {0, 2049}, {1, 0}, {0, UINT32_MAX}, {0x80000000u, 0}, {10, 9},
    };
    size_t i;

    for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        reset(0);
        ring.out_cons = ring.in_cons = lies[i][0];
        ring.out_prod = ring.in_prod = lies[i][1];
        is_int(cons_ring_read_out(&ring, buf, sizeof(buf)), -XEN_EIO,
               "read_out refuses cons %u prod %u", lies[i][0], lies[i][1]);
        is_int(cons_ring_write_in(&ring, buf, 10), -XEN_EIO, "so write_in");
        is_int(cons_ring_write_out(&ring, buf, 10), -XEN_EIO, "so write_out");
        is_int(cons_ring_read_in(&ring, buf, 10), -XEN_EIO, "so read_in");
        ok(ring.out_cons == lies[i][0] && ring.out_prod == lies[i][1] &&
               ring.in_cons == lies[i][0] && ring.in_prod == lies[i][1],
           "and no index is touched");
    }
    reset(0);
    ring.in_prod = 1025;
    is_int(cons_ring_read_in(&ring, buf, 10), -XEN_EIO,
           "1025 is too much for the 1024-byte direction");
    ring.in_prod = 1024;
    is_int(cons_ring_read_in(&ring, buf, 4096), 1024, "1024 is not");
}

/* Against a plain queue, many small steps. */
static void test_random(void)
{
    char model[2048];
    size_t used = 0, step;
    unsigned char next_in = 0;
    int good = 1;

    srand(1);
    reset(UINT32_MAX - 5000);
    for (step = 0; step < 20000 && good; step++) {
        size_t len = (size_t)rand() % 300, i;
        int n;

        if (rand() % 2) {
            for (i = 0; i < len; i++)
                buf[i] = (char)(next_in + i);
            n = cons_ring_write_out(&ring, buf, len);
            good &= n == (int)(len < 2048 - used ? len : 2048 - used);
            memcpy(model + used, buf, (size_t)n);
            used += (size_t)n;
            next_in = (unsigned char)(next_in + n);
        } else {
            n = cons_ring_read_out(&ring, buf, len);
            good &= n == (int)(len < used ? len : used);
            good &= !memcmp(model, buf, (size_t)n);
            memmove(model, model + n, used - (size_t)n);
            used -= (size_t)n;
        }
    }
    ok(good, "20,000 random steps agree with a queue");
}

int main(void)
{
    test_simple(0);
    test_simple(1020);
    test_simple(UINT32_MAX - 2);
    test_full();
    test_zero_length();
    test_hostile();
    test_random();
    return tap_done();
}
