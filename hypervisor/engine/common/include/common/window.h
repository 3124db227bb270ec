/* SPDX-License-Identifier: ISC */
/*
 * Where the daemon maps domains' windows (portal/layout.h). A window is
 * WINDOW_PAGES pages; windows are packed from the low end of large
 * reservations, so that 128 domains share one page of the daemon's page tables.
 * Any thread.
 */
#ifndef COMMON_WINDOW_H
#define COMMON_WINDOW_H

/* Maps the first WINDOW_PAGES pages of (ram_fd), writable, at the lowest free
 * place. NULL and errno: ENOMEM, also when the kernel's max_map_count is
 * reached. */
void *window_map(int ram_fd);

/* Unmaps; NULL is fine. */
void window_unmap(void *window);

#endif /* COMMON_WINDOW_H */
