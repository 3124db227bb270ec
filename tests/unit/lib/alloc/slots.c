/* SPDX-License-Identifier: ISC */
/* Numbered slots: growth, reuse, what lies in slots that are in use. */
#include "alloc_test.h"
#include <alloc/slots.h>
#include <stdbool.h>
#include <stdlib.h>
#include <tap.h>

#define CHUNKS    5
#define PER_CHUNK 100

struct slot {
    uint32_t mine, link, also_mine;
};

static struct slot memory[CHUNKS][PER_CHUNK];
static void *chunk[CHUNKS];

static void begin(struct slots *s)
{
    memset(memory, 0, sizeof(memory));
    slots_init(s, chunk, PER_CHUNK, sizeof(struct slot),
               offsetof(struct slot, link));
}

static void test_basic(void)
{
    struct slots s;

    begin(&s);
    is_int(slots_take(&s), SLOTS_NONE, "an empty table has no slot");
    ok(!slots_at(&s, 0), "at all");
    slots_add(&s, memory[0], 8);
    is_int(s.nr_free, PER_CHUNK - 8, "the reserved ones are not free");
    is_int(slots_take(&s), 8, "the lowest comes first");
    is_int(slots_take(&s), 9, "then the next");
    slots_give(&s, 8);
    is_int(slots_take(&s), 8, "the last one given is the first one taken");
    slots_add(&s, memory[1], 0);
    is_int(slots_take(&s), PER_CHUNK, "a new chunk's are numbered on");
    ok(slots_at(&s, PER_CHUNK + 3) == &memory[1][3], "and lie in it");
    ok(!slots_at(&s, 2 * PER_CHUNK), "behind it is nothing");
}

static void test_random(void)
{
    static bool used[CHUNKS * PER_CHUNK];
    unsigned nr_used = 0, bad = 0, i;
    struct slots s;

    begin(&s);
    srand(11);
    memset(used, 0, sizeof(used));
    for (i = 0; i < 100000; i++) {
        uint32_t slot = (uint32_t)rand() % (CHUNKS * PER_CHUNK);

        if (rand() % 2) {
            slot = slots_take(&s);
            if (slot == SLOTS_NONE && s.nr < CHUNKS * PER_CHUNK) {
                slots_add(&s, memory[s.nr / PER_CHUNK], 0);
                slot = slots_take(&s);
            }
            if (slot == SLOTS_NONE) {
                bad += nr_used < CHUNKS * PER_CHUNK;
                continue;
            }
            bad += used[slot];
            used[slot] = true;
            nr_used++;
            *(struct slot *)slots_at(&s, slot) = (struct slot){slot, ~0u, slot};
        } else if (used[slot]) {
            const struct slot *p = slots_at(&s, slot);

            bad += p->mine != slot || p->also_mine != slot || p->link != ~0u;
            used[slot] = false;
            nr_used--;
            slots_give(&s, slot);
        }
        bad += s.nr_free != s.nr - nr_used;
    }
    is_int(bad, 0,
           "100,000 random takes and gives: no slot twice, none touched");
}

void test_slots(void)
{
    test_basic();
    test_random();
}
