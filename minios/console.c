/* SPDX-License-Identifier: ISC */
/*
 * The console; contract in minios/console.h.
 *
 * Both directions wait for the one event of the console port. A mutex makes
 * every write one piece; the rings' indices are changed with preemption
 * disabled.
 */
#include <minios/console.h>

#include <base/string.h>
#include <minios/arch.h>
#include <minios/boot.h>
#include <minios/evtchn.h>
#include <minios/hypercall.h>
#include <minios/shutdown.h>
#include <minios/thread.h>
#include <ring/console.h>
#include <xen/errno.h>
#include <xen/io/console.h>

/* How long the other end may take nothing before we stop waiting for it, where
 * waiting must end. */
#define PATIENCE_NS 1000000000ull

#define BACKSPACE '\b'
#define DELETE    '\x7f'
#define CTRL_D    4

/* The ring once it works, NULL before; and whether output ended in "\n". */
static struct xencons_interface *ring;
static bool line_start = true;

static struct mutex writing = MUTEX_INIT, reading_line = MUTEX_INIT;
static struct wait_queue for_room = WAIT_QUEUE_INIT,
                         for_input = WAIT_QUEUE_INIT;

static void on_event(evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
    wait_wake_all(&for_room);
    wait_wake_all(&for_input);
}

int console_init(void)
{
    int rc;

    if (!boot_info.console)
        return 0;
    rc = evtchn_bind_handler(boot_info.console_port, on_event, NULL);
    if (rc < 0)
        return rc;
    ring = boot_info.console;
    return 0;
}

void console_early(const struct boot_info *boot)
{
    ring = boot->console;
}

bool console_at_line_start(void)
{
    return line_start;
}

static void notify(void)
{
    /* Fails when the other end is gone: nothing to be done about it here. */
    (void)evtchn_notify(boot_info.console_port);
}

static uint32_t read_index(const XENCONS_RING_IDX *index)
{
    return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static bool can_write(void *arg)
{
    (void)arg;
    return read_index(&ring->out_prod) - read_index(&ring->out_cons) !=
           sizeof(ring->out);
}

static bool can_read(void *arg)
{
    (void)arg;
    return read_index(&ring->in_prod) != read_index(&ring->in_cons);
}

static void note_line_start(const char *bytes, size_t len)
{
    if (len > 0)
        line_start = bytes[len - 1] == '\n';
}

static void xen_console_write(const char *bytes, size_t len)
{
    /* Const is lost in the ABI only: Xen reads. It refuses an ordinary domain
     * unless built for debugging; there is no other place to complain to. */
    (void)HYPERVISOR_console_io(CONSOLEIO_write, (int)len,
                                (char *)(uintptr_t)bytes);
}

/* Writes what there is room for; -1: the other end has broken the ring. */
static int write_some(const char *bytes, size_t len)
{
    int n;

    preempt_disable();
    n = cons_ring_write_out(ring, bytes, len);
    preempt_enable();
    return n;
}

static void write_locked(const char *bytes, size_t len)
{
    note_line_start(bytes, len);
    if (!ring) {
        xen_console_write(bytes, len);
        return;
    }
    while (len > 0) {
        int n = write_some(bytes, len);

        if (n < 0)
            return; /* no console any more */
        bytes += n;
        len -= (size_t)n;
        notify();
        if (len > 0)
            (void)wait_until(&for_room, can_write, NULL, WAIT_FOREVER);
    }
}

void console_write(const char *bytes, size_t len)
{
    shutdown_arm(); /* by the time somebody sees what we write */
    mutex_lock(&writing);
    write_locked(bytes, len);
    mutex_unlock(&writing);
}

int console_read(char *bytes, size_t len)
{
    int n;

    if (!ring)
        return -XEN_EIO;
    do {
        (void)wait_until(&for_input, can_read, NULL, WAIT_FOREVER);
        preempt_disable();
        n = cons_ring_read_in(ring, bytes, len);
        preempt_enable();
    } while (n == 0);
    if (n > 0)
        notify(); /* There is room again. */
    return n;
}

static int read_line(char *line, size_t size)
{
    static bool after_cr;
    size_t used = 0;
    char c;

    while (console_read(&c, 1) == 1) {
        /* A terminal ends lines in CR, a file in LF, some things in both. */
        bool second = c == '\n' && after_cr;

        after_cr = c == '\r';
        if (second)
            continue;
        if (c == CTRL_D && used == 0)
            return -1;
        if (c == '\r' || c == '\n') {
            console_write("\r\n", 2);
            line[used] = '\0';
            return (int)used;
        }
        if (c == BACKSPACE || c == DELETE) {
            if (used > 0) {
                used--;
                console_write("\b \b", 3);
            }
        } else if (used + 1 < size) {
            line[used++] = c;
            console_write(&c, 1);
        }
    }
    return -1;
}

int console_read_line(char *line, size_t size)
{
    int len;

    mutex_lock(&reading_line);
    len = read_line(line, size);
    mutex_unlock(&reading_line);
    return len;
}

/*
 * Waits for the other end to take something from the ring. False when it has
 * taken nothing for PATIENCE_NS. Events stay as they are: the port's pending
 * bit is cleared before the ring is looked at, so no notification is missed.
 */
static bool wait_for_consumer(void)
{
    uint32_t before = read_index(&ring->out_cons);
    uint64_t deadline = arch_system_time_ns() + PATIENCE_NS;

    if (!arch_shared_info) /* no events yet */
        return false;
    for (;;) {
        evtchn_clear_pending(boot_info.console_port);
        if (read_index(&ring->out_cons) != before)
            return true;
        if (!evtchn_poll(boot_info.console_port, deadline))
            return read_index(&ring->out_cons) != before;
    }
}

void console_flush(void)
{
    bool enabled;

    if (!ring)
        return;
    enabled = arch_events_disable();
    while (read_index(&ring->out_prod) != read_index(&ring->out_cons)) {
        if (!wait_for_consumer())
            break;
    }
    if (enabled)
        arch_events_enable();
}

/* As console_write(), but gives up on a ring that nobody empties. Returns how
 * many bytes went in. */
static size_t ring_write_impatiently(const char *bytes, size_t len)
{
    size_t done = 0;

    while (done < len) {
        int n = cons_ring_write_out(ring, bytes + done, len - done);

        if (n < 0)
            break;
        done += (size_t)n;
        notify();
        if (done < len && !wait_for_consumer())
            break;
    }
    return done;
}

void console_close(const char *bytes, size_t len)
{
    mutex_lock(&writing);
    if (!line_start)
        write_locked("\r\n", 2);
    write_locked(bytes, len);
    console_flush();
}

void console_emergency_write(const char *bytes, size_t len)
{
    bool enabled;
    size_t done = 0;

    note_line_start(bytes, len);
    if (ring) {
        enabled = arch_events_disable();
        done = ring_write_impatiently(bytes, len);
        if (enabled)
            arch_events_enable();
    }
    if (done < len)
        xen_console_write(bytes + done, len - done);
}
