/* SPDX-License-Identifier: ISC */
/* midge-hv: start-up in order, main loop, and the way down. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <daemon/release.h>
#include <host/clock.h>
#include <host/fd.h>
#include <host/file.h>
#include <host/process.h>
#include <host/service.h>
#include <host/signals.h>
#include <host/sysinfo.h>
#include "confine.h"
#include "conn.h"
#include "kvm.h"
#include "rundir.h"
#include "templates.h"

#define DMESG_BYTES       (256u << 10)
#define DAEMON_LOG_BYTES  (4u << 20)
#define CONSOLE_LOG_BYTES (1u << 20)
#define CONSOLE_LOGS_OPEN 64

static int say_failed(const char *what, int err)
{
    fprintf(stderr, "midge-hv: %s: %s\n", what, strerror(-err));
    return err;
}

/* --- the steps of the start ----------------------------------------------------*/

static int start_log(struct daemon *dm)
{
    char path[PATH_MAX];
    int rc = rundir_path(dm->run_dir, "midge-hv.log", path);

    if (rc)
        return rc;
    dm->dmesg = dmesg_create(DMESG_BYTES);
    if (!dm->dmesg)
        return -ENOMEM;
    dm->log = logfile_open(path, DAEMON_LOG_BYTES);
    return dm->log ? 0 : -errno;
}

static void stop_log(struct daemon *dm)
{
    logfile_close(dm->log);
    dmesg_destroy(dm->dmesg);
}

static int start_host(struct daemon *dm)
{
    uint64_t available;

    sysinfo_raise_limits();
    sysinfo_memory(&dm->host_kib, &available);
    dm->nr_cpus = sysinfo_cpus();
    dm->uid = geteuid();
    dm->spare_fd = file_open_read("/dev/null");
    return dm->spare_fd < 0 ? dm->spare_fd : 0;
}

static void stop_host(struct daemon *dm)
{
    fd_close(&dm->spare_fd);
}

static int start_core(struct daemon *dm)
{
    struct engine_error why = {""};

    dm->hv = hv_create(&daemon_hv_ops);
    if (!dm->hv)
        return -ENOMEM;
    hv_set_ids(dm->hv, (domid_t)dm->options->first_domid,
               (domid_t)dm->options->last_domid);
    dm->engine = &process_engine;
    /* Not a reason not to start: `xl info' shall be able to tell. */
    if (dm->engine->probe(&why))
        log_line(dm, "engine %s does not work here: %s", dm->engine->name,
                 why.text);
    return 0;
}

static void stop_core(struct daemon *dm)
{
    hv_destroy(dm->hv);
}

static int start_consoles(struct daemon *dm)
{
    char path[PATH_MAX];
    int rc = rundir_path(dm->run_dir, "console", path);

    if (rc)
        return rc;
    dm->logs = console_logs_create(path, CONSOLE_LOG_BYTES, CONSOLE_LOGS_OPEN);
    if (!dm->logs)
        return -ENOMEM;
    ended_adopt_logs(dm, path);
    return 0;
}

static void stop_consoles(struct daemon *dm)
{
    console_logs_destroy(dm->logs);
}

static int start_templates(struct daemon *dm)
{
    dm->templates = templates_create();
    if (!dm->templates)
        return -ENOMEM;
    dm->helper = helper_create("midge-helper", 1);
    if (dm->helper)
        dm->dumper = helper_create("midge-dump", 1);
    return dm->dumper ? 0 : -errno;
}

static void stop_templates(struct daemon *dm)
{
    helper_destroy(dm->dumper);
    helper_destroy(dm->helper);
    templates_destroy(dm);
}

static void signal_ready(struct loop_source *s, unsigned what)
{
    struct daemon *dm = CONTAINER_OF(s, struct daemon, signals);
    int sig = signals_next(s->fd);

    (void)what;
    if (sig != SIGTERM && sig != SIGINT)
        return;
    daemon_lock(dm);
    stop_begin(dm, sig == SIGTERM ? "on SIGTERM" : "on SIGINT");
    daemon_unlock(dm);
}

static void finish_main(struct loop_work *w)
{
    loop_stop(CONTAINER_OF(w, struct daemon, finish)->main_loop);
}

static int start_main_loop(struct daemon *dm)
{
    static const int list[] = {SIGTERM, SIGINT, SIGHUP};

    dm->finish.run = finish_main;
    dm->main_loop = loop_create();
    if (!dm->main_loop)
        return -errno;
    dm->signals.ready = signal_ready;
    dm->signals.fd = signals_open(list, ARRAY_SIZE(list));
    if (dm->signals.fd < 0)
        return dm->signals.fd;
    return loop_add(dm->main_loop, &dm->signals, LOOP_READ);
}

static void stop_main_loop(struct daemon *dm)
{
    fd_close(&dm->signals.fd);
    loop_destroy(dm->main_loop);
}

static int start_socket(struct daemon *dm)
{
    bool stale = false;
    int rc = rundir_listen(dm, &stale);

    if (!rc && stale)
        log_line(dm,
                 "an earlier daemon ended uncleanly: its socket %s was "
                 "replaced",
                 "control.sock");
    return rc;
}

static void stop_socket(struct daemon *dm)
{
    if (!dm->stopping)
        rundir_unlisten(dm);
    fd_close(&dm->listen_fd);
}

/* With the lock, so that no request is served before all workers exist. */
static int start_workers(struct daemon *dm)
{
    int rc;

    daemon_lock(dm);
    rc = workers_start(dm);
    if (!rc)
        rc = confine_calls(dm);
    daemon_unlock(dm);
    return rc;
}

static const struct step {
    const char *what;
    int (*start)(struct daemon *dm);
    void (*stop)(struct daemon *dm);
} steps[] = {
    {"opening the log", start_log, stop_log},
    {"looking at the host", start_host, stop_host},
    {"starting the core", start_core, stop_core},
    {"trying /dev/kvm", kvm_begin, kvm_end},
    {"confining the daemon", confine_files, confine_undo},
    {"preparing console logs", start_consoles, stop_consoles},
    {"starting helpers", start_templates, stop_templates},
    {"handling signals", start_main_loop, stop_main_loop},
    {"watching /dev/kvm", kvm_watch, kvm_unwatch},
    {"guarding memory", lost_start, lost_stop},
    {"serving xenstore", dom_store_start, dom_store_stop},
    {"listening on control.sock", start_socket, stop_socket},
    {"starting workers", start_workers, workers_join},
};

/* --- the whole ------------------------------------------------------------------*/

static void undo_steps(struct daemon *dm, unsigned n)
{
    while (n--)
        steps[n].stop(dm);
}

static int start_steps(struct daemon *dm)
{
    unsigned i;
    int rc;

    for (i = 0; i < ARRAY_SIZE(steps); i++) {
        rc = steps[i].start(dm);
        if (rc) {
            if (rc != CONFINE_SAID)
                say_failed(steps[i].what, rc);
            /* Workers that run keep the process; they end with it. */
            if (i + 1 < ARRAY_SIZE(steps))
                undo_steps(dm, i);
            else
                rundir_unlisten(dm);
            return rc;
        }
    }
    return 0;
}

/* Ready: tells whoever waits, and leaves the terminal. */
static void serving(struct daemon *dm, const struct options *o, int start_fd,
                    int background_fd)
{
    char path[PATH_MAX];
    int fd = o->ready_fd;
    bool failed = false;

    daemon_lock(dm);
    log_line(dm, "midge-hv %s serves %s with %u workers, pid %d", MIDGE_RELEASE,
             dm->run_dir, dm->nr_workers, process_self());
    daemon_unlock(dm);
    fd_close(&start_fd);
    service_ready(&fd);
    if (!o->foreground) {
        service_ready(&background_fd);
        if (rundir_path(dm->run_dir, "midge-hv.log", path) ||
            service_detach_stdio(path))
            failed = true;
    }
    if (failed) {
        daemon_lock(dm);
        log_line(dm, "standard error could not be closed");
        daemon_unlock(dm);
    }
}

static int run(const struct options *o, int background_fd)
{
    static struct daemon daemon = {
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .lock_fd = -1,
        .listen_fd = -1,
        .spare_fd = -1,
        .signals.fd = -1,
    };
    struct daemon *dm = &daemon;
    int start_fd = -1, fd = o->ready_fd, rc;

    dm->options = o;
    dm->start_ns = clock_mono_ns();
    memcpy(dm->run_dir, o->run_dir, sizeof(dm->run_dir));
    rc = rundir_enter(dm, &start_fd);
    if (rc == EXIT_OTHER)
        service_ready(&fd); /* that one serves: as good as us */
    if (rc)
        return rc;
    if (signals_init() || start_steps(dm)) {
        fd_close(&start_fd); /* rundir_leave() takes that lock itself */
        rundir_leave(dm);
        return EXIT_FAILED;
    }
    serving(dm, o, start_fd, background_fd);
    loop_run(dm->main_loop);
    undo_steps(dm, ARRAY_SIZE(steps));
    rundir_leave(dm);
    return EXIT_SERVED;
}

int main(int argc, char **argv)
{
    struct options o;
    int background_fd = -1, code = options_read(&o, argc, argv);

    if (code >= 0)
        return code;
    if (o.stop)
        return stop_running(o.run_dir);
    clock_init();
    ctl_init();
    service_close_fds(o.ready_fd);
    if (!o.foreground) {
        int r = service_background(&background_fd, &code);

        if (r < 0)
            say_failed("starting in the background", r);
        if (r)
            return r == 1 ? EXIT_SERVED : r == 2 ? code : EXIT_FAILED;
    }
    return run(&o, background_fd);
}
