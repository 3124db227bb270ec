/* SPDX-License-Identifier: ISC */
/* Prints what a hypervisor shows a PV guest: framedump.h says in what form. */
#include "framedump.h"

#include <minios/app.h>
#include <minios/stdio.h>

const char app_name[] = "framedump";

int main(int argc, char **argv)
{
    int i;

    printf("arguments: %d", argc - 1);
    for (i = 1; i < argc; i++)
        printf(" [%s]", argv[i]);
    printf("\n");
    if (!x86_start_info) {
        printf("framedump: this is not a PV domain: set type = \"pv\"\n");
        return 2;
    }
    print_start();
    print_version();
    print_exceptions();
    print_upcalls();
    return 0;
}
