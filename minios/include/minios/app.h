/* SPDX-License-Identifier: ISC */
/*
 * What an application is to the kernel. It supplies main(); the kernel calls it
 * with the domain's command line, split as a shell would (args/args.h), and
 * ends the domain with its result.
 */
#ifndef MINIOS_APP_H
#define MINIOS_APP_H

#include <base/compiler.h>

int main(int argc, char **argv);

/* argv[0]. An application may define it; otherwise it is "main". */
extern const char app_name[];

/*
 * Writes N to data/exit-code and prints "exit: N" as the console's last line,
 * waits until xenstore and the console have taken them (a second at most), and
 * powers the domain off, or reboots it when that was asked for
 * (minios/shutdown.h): what returning N from main() does. Thread context.
 */
__noreturn void app_exit(int code);

#endif /* MINIOS_APP_H */
