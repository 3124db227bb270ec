/* SPDX-License-Identifier: ISC */
/* Zygotes: many requests, death at bad moments, abandoned requests. */
#include "process_test.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <host/file.h>
#include <host/process.h>

#define MANY 400 /* more than fit in a socket's buffer                     */

static const struct engine_ops *const ops = &process_engine;
static struct domain many[MANY];

/* Adds those of thread (tid). */
static int add_children(const char *tid, int *pids, int n, int max)
{
    char path[300], text[65536], *p = text, *end;

    snprintf(path, sizeof(path), "/proc/self/task/%s/children", tid);
    if (file_read_text(path, text, sizeof(text)) <= 0)
        return n;
    for (; n < max; p = end) {
        long pid = strtol(p, &end, 10);

        if (end == p)
            break;
        pids[n++] = (int)pid;
    }
    return n;
}

/* Of all threads: zygotes and domains are the keeper's. */
static int children(int *pids, int max)
{
    DIR *tasks = opendir("/proc/self/task");
    const struct dirent *e;
    int n = 0;

    if (!tasks)
        abort();
    while ((e = readdir(tasks)))
        if (e->d_name[0] != '.')
            n = add_children(e->d_name, pids, n, max);
    closedir(tasks);
    return n;
}

static void test_many(void)
{
    struct engine_template *t = guest_template(GUEST_BLOCK);
    unsigned good = 0;

    for (int i = 0; i < MANY; i++) {
        domain_create(&many[i], t);
        check(domain_spawn(&many[i], "") == 0, "vm_spawn %d", i);
    }
    for (int i = 0; i < MANY; i++) {
        run_until(&many[i].spawned, 1);
        good += many[i].spawn_rc == 0;
    }
    check(good == MANY, "all %d asked for at once were made", MANY);
    for (int i = 0; i < MANY; i++)
        domain_end(&many[i]);
    ops->template_put(t);
}

/* Requests that nobody waits for any more: processes appear and are ended. */
static void test_abandoned(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);
    struct domain d, last;

    for (int i = 0; i < 10; i++) {
        domain_create(&d, t);
        check(domain_spawn(&d, "") == 0, "vm_spawn");
        if (i % 2)
            ops->vm_unpause(d.vm);
        ops->vm_destroy(d.vm);
    }
    domain_create(&last, t);
    check(domain_spawn(&last, "") == 0, "vm_spawn");
    run_until(&last.spawned, 1); /* answers come in order */
    check(d.spawned == 0, "a destroyed domain is told nothing");
    domain_end(&last);
    ops->template_put(t);
}

static void test_early_orders(void)
{
    struct engine_template *t = guest_template(GUEST_SPIN);
    struct domain d;

    domain_create(&d, t);
    check(domain_spawn(&d, "") == 0, "vm_spawn");
    ops->vm_kill(d.vm);
    run_until(&d.exited, 1);
    check(d.spawned == 1 && d.spawn_rc == 0, "killed before it was there");
    ops->vm_destroy(d.vm);

    domain_create(&d, t);
    check(domain_spawn(&d, "") == 0, "vm_spawn");
    ops->vm_unpause(d.vm);
    ops->vm_pause(d.vm);
    run_until(&d.paused, 1);
    check(d.spawned == 1, "paused before it was there");
    domain_end(&d);
    ops->template_put(t);
}

/* Kills the zygote while it serves a batch: each domain is either made or
 * refused with -EIO, and nothing stays. */
static void test_zygote_dies(void)
{
    struct engine_template *t = guest_template(GUEST_BLOCK);
    unsigned made = 0, refused = 0;
    struct domain d;
    int pid[8], n;

    wait_for_no_children(); /* so that all there are now are ours to kill */
    domain_create(&d, t);
    check(domain_spawn(&d, "") == 0, "vm_spawn");
    run_until(&d.spawned, 1);
    n = children(pid, 8);
    for (int i = 0; i < n; i++) {
        if (pid[i] == ops->vm_pid(d.vm))
            pid[i] = pid[--n];
    }
    for (int i = 0; i < 100; i++) {
        domain_create(&many[i], t);
        check(domain_spawn(&many[i], "") == 0, "vm_spawn %d", i);
    }
    run_until(&many[3].spawned, 1);
    for (int i = 0; i < n; i++)
        check(process_signal(pid[i], SIGKILL) == 0, "zygote %d killed", pid[i]);
    for (int i = 0; i < 100; i++) {
        run_until(&many[i].spawned, 1);
        if (many[i].spawn_rc == 0)
            made++;
        else if (many[i].spawn_rc == -EIO)
            refused++;
    }
    check(made + refused == 100 && made > 3, "%u made, %u refused", made,
          refused);
    for (int i = 0; i < 100; i++) {
        if (many[i].spawn_rc == 0)
            domain_end(&many[i]);
        else
            ops->vm_destroy(many[i].vm);
    }
    check(d.exited == 0, "an earlier domain goes on");
    domain_end(&d);
    domain_create(&d, t);
    check(domain_spawn(&d, "") == 0, "vm_spawn");
    run_until(&d.spawned, 1);
    check(d.spawn_rc == 0, "a new zygote serves the next");
    domain_end(&d);
    ops->template_put(t);
}

/* A process of ours that holds (pid) as a debugger does, until it is killed. */
static int hold(int pid)
{
    int ready[2], holder;
    char c;

    if (pipe(ready))
        abort();
    holder = fork();
    if (holder == 0) {
        alarm(60);
        c = ptrace(PTRACE_SEIZE, pid, NULL, NULL) ? 'n' : 'y';
        if (write(ready[1], &c, 1) == 1)
            pause();
        _exit(0);
    }
    check(read(ready[0], &c, 1) == 1 && c == 'y', "zygote %d held", pid);
    close(ready[0]);
    close(ready[1]);
    return holder;
}

/* A zygote that cannot be collected keeps nobody else waiting. */
static void test_held(void)
{
    struct engine_template *t = guest_template(GUEST_BLOCK);
    struct domain d;
    int pid[8] = {0}, n, holder, status;

    wait_for_no_children();
    domain_create(&d, t);
    check(domain_spawn(&d, "") == 0, "vm_spawn");
    run_until(&d.spawned, 1);
    n = children(pid, 8);
    check(n == 2, "a domain and its zygote");
    holder = hold(pid[0] == ops->vm_pid(d.vm) ? pid[1] : pid[0]);
    domain_end(&d);
    ops->template_put(t);

    t = guest_template(GUEST_BLOCK);
    domain_create(&d, t);
    check(domain_spawn(&d, "") == 0, "vm_spawn");
    run_until(&d.spawned, 1);
    check(d.spawn_rc == 0, "another zygote serves meanwhile");
    domain_end(&d);
    ops->template_put(t);
    check(process_signal(holder, SIGKILL) == 0 &&
              process_wait(holder, true, &status) == 1,
          "let go");
    wait_for_no_children();
}

void test_zygotes(void)
{
    test_many();
    test_abandoned();
    test_early_orders();
    test_held();
    /* The moment differs each time: between fork and answer is one of them. */
    for (int i = 0; i < 10; i++)
        test_zygote_dies();
}
