/* SPDX-License-Identifier: ISC */
/*
 * The console: the domain's PV console ring, and Xen's own console for what
 * must come out when the ring cannot be used. Output before the ring is set up
 * goes to Xen's console only.
 *
 * Bytes are written as they are. The other end is a terminal in raw mode, and
 * lines end in "\r\n" there: printf and panic see to that (base/crlf.h).
 *
 * Thread context, unless said otherwise.
 */
#ifndef MINIOS_CONSOLE_H
#define MINIOS_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <base/compiler.h>

/* Sets up the ring and its event (start-up table). 0 or -XEN_E*. */
int console_init(void);

/* Writes (len) bytes in one piece, whoever else writes; blocks while the ring is
 * full. */
void console_write(const char *bytes, size_t len);

/* Has a panic before console_init() written to the ring: for ports. */
struct boot_info;
void console_early(const struct boot_info *boot);

/* Whether the last byte written ended a line (or nothing was). Any context. */
bool console_at_line_start(void);

/*
 * Reads at least one and at most (len) bytes, as typed; blocks until there is
 * one. Returns their number, or -XEN_EIO when the domain has no console or the
 * ring was damaged by the other end. (len) must not be 0.
 */
int __must_check console_read(char *bytes, size_t len);

/*
 * Reads a line of at most (size) - 1 bytes, without its end (CR or LF), and
 * adds a NUL; what is longer is cut. Echoes what is typed; Backspace and Delete
 * take the last character back. Returns its length, or -1 at the end of
 * input: Ctrl-D as the first character, or no console.
 */
int __must_check console_read_line(char *line, size_t size);

/* Waits until the other end has taken all output, at most about a second after
 * it last took something. Any context; does not enable events. */
void console_flush(void);

/*
 * Writes the last line, at the beginning of a line: when another thread is
 * within a write, after that; nobody writes after it. Returns when the other
 * end has taken it (console_flush()).
 */
void console_close(const char *bytes, size_t len);

/*
 * For a dying kernel: the ring, as far as that takes no longer than
 * console_flush() would; what does not fit, or everything when there is no
 * ring, goes to Xen's console. Any context; does not enable events.
 */
void console_emergency_write(const char *bytes, size_t len);

#endif /* MINIOS_CONSOLE_H */
