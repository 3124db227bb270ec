/* SPDX-License-Identifier: ISC */
/*
 * Zygotes: one per template and loop, so that requests and answers stay on the
 * worker that owns the domain and need no lock. The price is one small process
 * per worker and template in use.
 *
 *   zygote_for() makes the socket pair at once and lets the keeper start the
 *   program on the other end; requests wait in the socket meanwhile, so nobody
 *   waits for the start. A program that cannot be started or dies shows as the
 *   socket's hang-up: what is outstanding fails, the zygote leaves its
 *   template's list, and the next request makes a new one.
 *
 *            zygote_for()             hang-up: on_hangup()
 *   (none) ------------------> LISTED ----------------------+
 *                                | zygotes_release()        |
 *                                v                          v
 *                             RELEASED --posted close--> finish() --> keeper:
 *                                                                kills, frees
 *
 * (list_lock) guards the templates' lists and z->tmpl. A template is released
 * only when no vm refers to it, so a released zygote has nothing outstanding.
 */
#include <common/common.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <base/compiler.h>
#include <host/fd.h>
#include <host/process.h>
#include <host/socket.h>

/* Answers taken before other sources get their turn. */
#define MAX_REPLIES_AT_ONCE 64

struct zygote {
    struct zygote *next;          /* in the template's list (list_lock)    */
    struct engine_template *tmpl; /* NULL once released (list_lock)        */
    struct loop *loop;
    struct loop_source control;  /* our end; fd -1 once closed              */
    struct spawn *first, **last; /* outstanding; those sent come first     */
    uint64_t next_token;
    bool writing; /* waiting for room in the socket                        */
    struct loop_work close_work;

    /* The keeper's. */
    struct helper_job start_job, end_job;
    struct engine_program *program;
    int child_end, template_fd;
    uint64_t as_bytes;
    int pid;
    struct discard *orphans; /* to be looked for afterwards                */
    uint64_t look_ns; /* of keeper_collect()                               */
    int start_error;  /* atomic                                            */
};

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;

static struct engine_vm *vm_of(struct spawn *s)
{
    return CONTAINER_OF(s, struct engine_vm, spawn);
}

/* --- on the keeper ------------------------------------------------------- */

static void start_on_keeper(struct helper_job *j)
{
    struct zygote *z = CONTAINER_OF(j, struct zygote, start_job);
    int pid = keeper_start_zygote(z->program, z->template_fd, z->child_end,
                                  z->as_bytes);

    if (pid > 0)
        z->pid = pid;
    else
        __atomic_store_n(&z->start_error, pid, __ATOMIC_RELEASE);
    fd_close(&z->template_fd);
    fd_close(&z->child_end); /* without a program: our end hangs up */
}

static void end_on_keeper(struct helper_job *j)
{
    struct zygote *z = CONTAINER_OF(j, struct zygote, end_job);
    struct discard *d;

    if (z->pid > 0) {
        if (!z->look_ns)
            (void)process_signal(z->pid, SIGKILL); /* it may be gone already */
        if (!keeper_collect(z->pid, j, &z->look_ns))
            return;
    }
    while ((d = z->orphans)) {
        z->orphans = d->next;
        keeper_discard_orphan(d);
    }
    free(z);
}

/* --- outstanding requests ------------------------------------------------- */

static void append(struct zygote *z, struct spawn *s)
{
    s->next = NULL;
    *z->last = s;
    z->last = &s->next;
}

static void unlink_spawn(struct zygote *z, struct spawn **at)
{
    struct spawn *s = *at;

    *at = s->next;
    if (z->last == &s->next)
        z->last = at;
    s->next = NULL;
}

/* Gives (vm) its answer: a pid or -errno. */
static void complete(struct engine_vm *vm, int64_t answer)
{
    bool destroyed = vm->destroyed;

    if (destroyed && answer > 0)
        keeper_discard(vm_take_discard(vm), (int)answer);
    if (!destroyed)
        vm_spawned(vm, answer);
    vm_unpin(vm);
}

/* 0 when sent, -errno otherwise. */
static int send_one(struct zygote *z, struct spawn *s)
{
    struct engine_vm *vm = vm_of(s);
    struct zygote_request rq = {
        .token = s->token,
        .cpu = vm->cpu < 0 ? ZYGOTE_ANY_CPU : (uint32_t)vm->cpu,
        .parent = (uint32_t)process_self(),
    };
    int fds[2] = {vm->ram_fd, vm->bell_wr};
    long r = socket_send(z->control.fd, &rq, sizeof(rq), fds, 2);

    if (r < 0)
        return (int)r;
    s->sent = true;
    fd_close(&vm->ram_fd);
    fd_close(&vm->bell_wr);
    return 0;
}

/* Whether a request should wait: for room in the socket, or for the hang-up
 * that explains why nobody listens. */
static bool must_wait(int rc)
{
    return rc == -EAGAIN || rc == -EPIPE || rc == -ECONNRESET;
}

static void want_write(struct zygote *z, bool on)
{
    if (z->writing == on)
        return;
    /* Cannot fail for a watched descriptor. */
    (void)loop_mod(z->loop, &z->control,
                   on ? LOOP_READ | LOOP_WRITE : LOOP_READ);
    z->writing = on;
}

/* Sends what has not been sent, as far as the socket takes it. */
static void flush(struct zygote *z)
{
    struct spawn **at = &z->first;

    while (*at) {
        struct spawn *s = *at;
        int rc = s->sent ? 0 : send_one(z, s);

        if (rc && must_wait(rc)) {
            want_write(z, true);
            return;
        }
        if (rc) {
            unlink_spawn(z, at);
            complete(vm_of(s), rc);
            continue;
        }
        at = &s->next;
    }
    want_write(z, false);
}

/* --- the end of a zygote --------------------------------------------------- */

/*
 * (z) died, or was given up, after (s) was sent and before it was answered: the
 * process may exist, or be about to. It is our child, it has not run guest code
 * we were told of, and it holds the write end of the vm's doorbell; so may the
 * zygote, which has to go first.
 */
static void add_orphan(struct zygote *z, struct spawn *s)
{
    struct engine_vm *vm = vm_of(s);
    struct discard *d = vm->discard;

    if (process_pipe_id(vm->bell.fd, &d->pipe))
        return; /* cannot be: it is open */
    vm->discard = NULL;
    d->next = z->orphans;
    z->orphans = d;
}

/* Closes our end and has the keeper do the rest. */
static void finish(struct zygote *z)
{
    loop_del(z->loop, &z->control);
    fd_close(&z->control.fd);
    z->end_job.work = end_on_keeper;
    keeper_run(&z->end_job);
}

/* Takes (z) off its template's list. False when it had been released, and its
 * close_work is on its way. */
static bool unlist(struct zygote *z)
{
    bool listed;

    pthread_mutex_lock(&list_lock);
    listed = z->tmpl != NULL;
    if (listed) {
        struct zygote **at = &z->tmpl->zygotes;

        while (*at != z)
            at = &(*at)->next;
        *at = z->next;
        z->tmpl = NULL;
    }
    pthread_mutex_unlock(&list_lock);
    return listed;
}

static void on_hangup(struct zygote *z)
{
    int rc = __atomic_load_n(&z->start_error, __ATOMIC_ACQUIRE);
    struct spawn *s;

    if (!unlist(z)) {
        loop_del(z->loop, &z->control); /* close_work does the rest */
        return;
    }
    for (s = z->first; s && !rc; s = s->next)
        if (s->sent)
            add_orphan(z, s);
    s = z->first;
    z->first = NULL;
    z->last = &z->first;
    finish(z); /* (z) is the keeper's now */
    while (s) {
        struct spawn *next = s->next;

        s->next = NULL;
        complete(vm_of(s), rc ? rc : -EIO);
        s = next;
    }
}

static void on_released(struct loop_work *w)
{
    finish(CONTAINER_OF(w, struct zygote, close_work));
}

void zygotes_release(struct engine_template *t)
{
    pthread_mutex_lock(&list_lock);
    while (t->zygotes) {
        struct zygote *z = t->zygotes;

        t->zygotes = z->next;
        z->tmpl = NULL;
        z->close_work.run = on_released;
        loop_post(z->loop, &z->close_work);
    }
    pthread_mutex_unlock(&list_lock);
}

/* --- answers ------------------------------------------------------------- */

static void take_reply(struct zygote *z, const struct zygote_reply *reply)
{
    struct spawn **at = &z->first;

    while (*at && ((*at)->token != reply->token || !(*at)->sent))
        at = &(*at)->next;
    if (*at) {
        struct spawn *s = *at;

        unlink_spawn(z, at);
        complete(vm_of(s), reply->pid ? reply->pid : -EIO);
    }
}

static void control_ready(struct loop_source *src, unsigned what)
{
    struct zygote *z = CONTAINER_OF(src, struct zygote, control);
    struct zygote_reply reply;

    for (int i = 0; i < MAX_REPLIES_AT_ONCE; i++) {
        long r = socket_recv(z->control.fd, &reply, sizeof(reply), NULL, NULL);

        if (r == -EAGAIN)
            break;
        if (r != (long)sizeof(reply)) { /* end, error, or nonsense */
            on_hangup(z);
            return;
        }
        take_reply(z, &reply);
    }
    if (what & LOOP_WRITE)
        flush(z);
}

/* --- requests -------------------------------------------------------------- */

static int zygote_init(struct zygote *z, struct engine_template *t,
                       struct loop *loop)
{
    int pair[2];
    int rc = socket_pair(pair, true);

    if (rc)
        return rc;
    z->control.fd = pair[0];
    z->control.ready = control_ready;
    z->child_end = pair[1];
    z->template_fd = fd_dup(t->fd);
    if (z->template_fd < 0)
        return z->template_fd;
    /* The child's end is shared with a program that reads it blocking. */
    rc = fd_set_block(z->child_end);
    if (!rc)
        rc = loop_add(loop, &z->control, LOOP_READ);
    return rc;
}

static int zygote_new(struct engine_template *t, struct loop *loop,
                      struct zygote **out)
{
    struct zygote *z = calloc(1, sizeof(*z));
    int rc;

    if (!z)
        return -ENOMEM;
    z->loop = loop;
    z->last = &z->first;
    z->control.fd = z->child_end = z->template_fd = -1;
    z->as_bytes = t->as_bytes;
    z->program = t->kind->program;
    rc = keeper_start();
    if (!rc)
        rc = zygote_init(z, t, loop);
    if (rc) {
        fd_close(&z->control.fd);
        fd_close(&z->child_end);
        fd_close(&z->template_fd);
        free(z);
        return rc;
    }
    z->start_job.work = start_on_keeper;
    keeper_run(&z->start_job);
    *out = z;
    return 0;
}

/* The zygote of (t) on (loop), made if there is none. 0 or -errno. */
static int zygote_for(struct engine_template *t, struct loop *loop,
                      struct zygote **out)
{
    struct zygote *z;
    int rc = 0;

    pthread_mutex_lock(&list_lock);
    for (z = t->zygotes; z && z->loop != loop; z = z->next)
        ;
    if (!z) {
        rc = zygote_new(t, loop, &z);
        if (!rc) {
            z->tmpl = t;
            z->next = t->zygotes;
            t->zygotes = z;
        }
    }
    pthread_mutex_unlock(&list_lock);
    *out = z;
    return rc;
}

int zygote_request_spawn(struct engine_vm *vm, struct engine_error *err)
{
    struct spawn *s = &vm->spawn;
    struct zygote *z;
    int rc = zygote_for(vm->tmpl, vm->loop, &z);

    if (rc)
        return fail_host(err, rc, "starting the domain's process");
    s->token = z->next_token++;
    s->sent = false;
    if (!z->writing) {
        rc = send_one(z, s);
        if (rc && !must_wait(rc))
            return fail_host(err, rc, "starting the domain's process");
        if (rc)
            want_write(z, true);
    }
    append(z, s);
    vm->pins++;
    return 0;
}
