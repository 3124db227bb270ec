/* SPDX-License-Identifier: ISC */
/* Which of the guest's threads a stack pointer belongs to, by the description
 * that the guest itself gives (debuginfo/threads.h). */

#include <string.h>
#include <daemon/crash.h>
#include <debuginfo/threads.h>

/* Threads looked at for the one whose stack it is. */
#define THREADS_MAX 256u
/* No field of a thread lies further from its start. */
#define OFFSET_MAX 65536u
/* Nor a guard further below its stack. */
#define GUARD_MAX 65536u

static bool read_all(const struct crash_source *src, uint64_t va, void *buf,
                     size_t len)
{
    return src->read(src->arg, va, buf, len) == len;
}

static bool read_description(const struct crash_source *src, uint64_t va,
                             struct debuginfo_threads *d)
{
    return read_all(src, va, d, sizeof(*d)) &&
           d->magic == DEBUGINFO_THREADS_MAGIC &&
           d->version == DEBUGINFO_THREADS_VERSION &&
           d->off_next <= OFFSET_MAX && d->off_name <= OFFSET_MAX &&
           d->off_stack_start <= OFFSET_MAX && d->off_stack_end <= OFFSET_MAX &&
           d->off_guard <= OFFSET_MAX;
}

_Static_assert(CRASH_THREAD_NAME == DEBUGINFO_THREAD_NAME_MAX + 1, "names");

static void copy_name(char *out, const char raw[DEBUGINFO_THREAD_NAME_MAX])
{
    unsigned i;

    for (i = 0; i < DEBUGINFO_THREAD_NAME_MAX && raw[i]; i++)
        out[i] = raw[i] > ' ' && raw[i] <= '~' ? raw[i] : '?';
    out[i] = '\0';
}

static bool read_thread(const struct crash_source *src,
                        const struct debuginfo_threads *d, uint64_t va,
                        struct crash_thread *t)
{
    char raw[DEBUGINFO_THREAD_NAME_MAX];

    t->guard = 0;
    if (!read_all(src, va + d->off_name, raw, sizeof(raw)) ||
        !read_all(src, va + d->off_stack_start, &t->stack_start, 8) ||
        !read_all(src, va + d->off_stack_end, &t->stack_end, 8) ||
        (d->off_guard && !read_all(src, va + d->off_guard, &t->guard, 8)))
        return false;
    copy_name(t->name, raw);
    return true;
}

static bool owns(const struct crash_thread *t, uint64_t rsp)
{
    uint64_t low = t->stack_start;

    if (t->guard && t->guard < low && low - t->guard <= GUARD_MAX)
        low = t->guard;
    return rsp >= low && rsp <= t->stack_end;
}

bool crash_thread(const struct crash_source *src, uint64_t description_va,
                  uint64_t rsp, struct crash_thread *out)
{
    struct debuginfo_threads d;
    struct crash_thread t;
    uint64_t va;
    unsigned i;
    bool known;

    if (!read_description(src, description_va, &d))
        return false;
    known = read_all(src, d.current, &va, sizeof(va)) &&
            read_thread(src, &d, va, out);
    if (known && owns(out, rsp))
        return true;
    /* Not on the stack of the thread that is said to run. */
    if (!read_all(src, d.first, &va, sizeof(va)))
        return known;
    for (i = 0; va && i < THREADS_MAX; i++) {
        if (!read_thread(src, &d, va, &t))
            break;
        if (owns(&t, rsp)) {
            *out = t;
            return true;
        }
        if (!read_all(src, va + d.off_next, &va, sizeof(va)))
            break;
    }
    return known;
}
