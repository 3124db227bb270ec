/* SPDX-License-Identifier: ISC */
/* Standard input and output, connected with the console of a domain. */
#ifndef XL_CONSOLE_H
#define XL_CONSOLE_H

#include <stdint.h>
#include <midge/client.h>

/* Opens the console of (domain) in raw mode. A descriptor that goes to
 * console_run() or console_close(), or -1 with (*err). */
int console_open(struct midge *m, const char *domain, struct midge_error *err);
/* Closes one that was not given to console_run(); -1 is none. */
void console_close(int tty);

/* Tells a person at a terminal how to leave the console again, on standard
 * error when that is a terminal too. */
void console_hint(void);

/* Opens /dev/null on each of the descriptors 0 to 2 that is closed, so that
 * nothing else that is opened gets a standard number. 0, or -errno. */
int stdio_fill(void);

enum console_result {
    CONSOLE_ENDED,    /* the domain is gone, or has ended and is preserved  */
    CONSOLE_DETACHED, /* by the escape character, Ctrl-]                    */
    CONSOLE_FAILED,   /* a message has been printed on standard error       */
};

/*
 * Relays until the domain ends, which the started wait (wait_id) tells; what
 * the domain had to say is printed first. Takes ownership of (tty).
 * CONSOLE_ENDED fills (*end).
 *
 * Lines end in "\n" in files and pipes, in "\r\n" on a terminal: a terminal that
 * adds the "\r" itself goes on doing so and is not given a second one; what
 * reaches one that is raw already are the domain's bytes.
 *
 * When standard input is a terminal it is raw meanwhile and is always put back;
 * the escape character counts only there. Its end ends nothing: output goes on.
 * SIGINT, SIGTERM, SIGHUP and SIGQUIT end the program (unless ignored) after
 * the terminal has been put back. Not to be used with other threads running.
 */
enum console_result console_run(struct midge *m, int tty, int64_t wait_id,
                                struct midge_end *end);

#endif /* XL_CONSOLE_H */
