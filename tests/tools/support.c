/* SPDX-License-Identifier: ISC */
/* Prints the hypercall table, one row a line: name, tab, who serves it. */

#include <stdio.h>
#include <portal/hypercalls.h>

int main(void)
{
    static const char *const where[] = {
        [HC_LOCAL] = "local",
        [HC_FORWARD] = "forward",
        [HC_EPERM] = "eperm",
        [HC_ENOSYS] = "enosys",
    };

    for (size_t i = 0; i < hc_table_rows; i++)
        printf("%s\t%s\n", hc_table[i].name, where[hc_table[i].where]);
    return 0;
}
