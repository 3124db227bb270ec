/* SPDX-License-Identifier: ISC */
/*
 * Attacks the host from inside a domain's process, as a guest that knows it is
 * on Midge: everything in the process is readable to it, the monitor included.
 * Whatever it does must end this domain alone; if an attack succeeds, it says
 * so. The argument names the attack.
 */
#include "hostile.h"

#include <base/string.h>
#include <minios/app.h>
#include <minios/hypercall.h>
#include <minios/stdio.h>
#include <xen/memory.h>

const char app_name[] = "hostile";

int survived(const char *what)
{
    printf("SURVIVED %s\n", what);
    return 4;
}

int unharmed(const char *what)
{
    printf("unharmed %s\n", what);
    return 0;
}

bool for_ever(void)
{
    return true;
}

static int run(const struct attack *a, const char *name)
{
    for (; a->name; a++)
        if (strcmp(name, a->name) == 0)
            return a->run();
    return -1;
}

int main(int argc, char **argv)
{
    static const struct attack *const tables[] = {door_attacks, allowed_attacks,
                                                  storm_attacks, table_attacks,
                                                  write_attacks};
    const char *want = argc > 1 ? argv[1] : "";
    int rc;

    printf("hostile: %s\n", want);
    /* Any call that is answered: what was said before has been heard then. */
    if (HYPERVISOR_memory_op(XENMEM_maximum_ram_page, NULL) <= 0)
        return 3;
    rc = try_call(want);
    for (unsigned i = 0; i < ARRAY_SIZE(tables) && rc < 0; i++)
        rc = run(tables[i], want);
    if (rc >= 0)
        return rc;
    list_calls();
    return 2;
}
