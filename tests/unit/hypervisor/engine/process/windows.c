/* SPDX-License-Identifier: ISC */
/* The window allocator. */
#include "process_test.h"

#include <string.h>

#include <host/fd.h>
#include <host/memfd.h>
#include <common/window.h>

#define BYTES  (WINDOW_PAGES * PORTAL_PAGE_SIZE)
#define MANY   300
#define CHUNKS 4200 /* more windows than one reservation holds             */

static int ram_file(void)
{
    return memfd_create_sealable("test-ram", 8 * PORTAL_PAGE_SIZE);
}

static void test_dense(void)
{
    static char *w[MANY];
    char *low;
    int fd = ram_file();
    unsigned gaps = 0;

    for (int i = 0; i < MANY; i++) {
        w[i] = window_map(fd);
        if (i && w[i] != w[i - 1] + BYTES)
            gaps++;
    }
    check(gaps == 0, "windows are next to each other");
    check(((uintptr_t)w[0] & ((2ul << 20) - 1)) == 0,
          "from the start of a page of PTEs");
    w[0][5] = 'x';
    check(w[MANY - 1][5] == 'x', "all show the file's first pages");
    low = w[7];
    window_unmap(w[200]);
    window_unmap(w[7]);
    check(window_map(fd) == low, "the lowest free place is taken first");
    window_unmap(low);
    for (int i = 0; i < MANY; i++) {
        if (i != 7 && i != 200)
            window_unmap(w[i]);
    }
    low = window_map(fd);
    check(low == w[0], "everything was free again");
    window_unmap(low);
    window_unmap(NULL);
    fd_close(&fd);
}

static void test_many(void)
{
    static char *w[CHUNKS];
    int fd = ram_file();
    unsigned failed = 0;

    for (int i = 0; i < CHUNKS; i++) {
        w[i] = window_map(fd);
        failed += !w[i];
    }
    check(failed == 0, "more windows than one reservation");
    for (int i = 0; i < CHUNKS; i++)
        window_unmap(w[i]);
    check(window_map(999) == NULL, "no file, no window");
    w[0] = window_map(fd);
    check(w[0] != NULL, "and none was lost");
    window_unmap(w[0]);
    fd_close(&fd);
}

void test_windows(void)
{
    test_dense();
    test_many();
}
