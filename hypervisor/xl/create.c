/* SPDX-License-Identifier: ISC */
/* xl create and config-update. */
#include "xl.h"

#include <string.h>
#include <jansson.h>
#include <xl/format.h>
#include <xl/load.h>

struct create_options {
    const char *file;
    char **vars; /* key=value arguments, in order */
    size_t nr_vars;
    bool paused, console, foreground, dry_run, quiet, debug;
};

/* What is left behind the options: one file, and settings. */
static int read_arguments(const struct command *self, struct create_options *o,
                          int argc, char **argv)
{
    o->vars = argv; /* compacted in place, at the front of argv */
    for (int i = optind; i < argc; i++) {
        if (strchr(argv[i], '=')) {
            o->vars[o->nr_vars++] = argv[i];
        } else if (!o->file) {
            o->file = argv[i];
        } else {
            fprintf(stderr,
                    "xl %s: '%s' is neither key=value nor the only "
                    "configuration file; see xl help %s\n",
                    self->name, argv[i], self->name);
            return XL_USAGE;
        }
    }
    if (!o->file) {
        fprintf(stderr,
                "xl %s: no configuration file given (/dev/null will do when "
                "all settings are arguments)\n",
                self->name);
        return XL_USAGE;
    }
    return XL_OK;
}

static int read_options(const struct command *self, struct create_options *o,
                        int argc, char **argv)
{
    static const struct option words[] = {
        {"defconfig", required_argument, NULL, 'f'},
        {"dryrun", no_argument, NULL, 'n'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int code, opt;

    while ((opt = next_option(self, argc, argv, "pcFf:nqde", words, &code)) !=
           -1) {
        if (opt == -2)
            return code == XL_OK ? -1 : code;
        o->paused = o->paused || opt == 'p';
        o->console = o->console || opt == 'c';
        o->foreground = o->foreground || opt == 'F';
        o->dry_run = o->dry_run || opt == 'n';
        o->quiet = o->quiet || opt == 'q';
        o->debug = o->debug || opt == 'd';
        if (opt == 'f')
            o->file = optarg;
    }
    return read_arguments(self, o, argc, argv);
}

static int print_config(const struct xl_loaded *l, FILE *stream)
{
    json_t *obj = format_config(&l->domain);
    bool good = format_json(stream, obj);

    json_decref(obj);
    if (good)
        return XL_OK;
    fprintf(stderr, "xl: the configuration cannot be shown as JSON (is a value "
                    "not UTF-8?)\n");
    return XL_FAILED;
}

/* No engine for type="pvh" here? Then say why, where type= was said. */
static int check_engine(struct midge *m, const struct xl_domain *d)
{
    const char *type = xl_type_name(d->type);
    const char *why = "the kvm engine is not built yet";
    struct midge_error err;
    struct midge_info info;
    bool usable = false;

    if (d->type == XL_TYPE_PV)
        return XL_OK; /* the daemon explains a process engine that fails */
    if (midge_info(m, &info, &err) < 0) {
        midge_info_free(&info);
        return xl_fail(&err, NULL);
    }
    for (size_t i = 0; i < info.nr_engines; i++) {
        if (strcmp(info.engines[i].type, type) != 0)
            continue;
        usable = usable || info.engines[i].usable;
        why = info.engines[i].why;
    }
    if (!usable)
        fprintf(stderr, "%s:%u:%u: type=\"%s\": %s\n", d->type_pos.source,
                d->type_pos.line, d->type_pos.column, type, why);
    midge_info_free(&info);
    return usable ? XL_OK : XL_FAILED;
}

/* Has an open connection and open files. */
static int create_on(struct midge *m, const struct xl_loaded *l,
                     const struct create_options *o)
{
    bool stay = o->console || o->foreground;
    struct midge_created created;
    struct midge_create request;
    struct midge_error err;
    char domid[16];
    int code = check_engine(m, &l->domain);

    if (code != XL_OK)
        return code;
    xl_load_request(l, &request);
    /* Whoever wants to see all of it holds it until he is in place. */
    request.paused = o->paused || stay;
    /* Should we die before it runs, nobody would ever let it run. */
    request.hold = stay && !o->paused;
    if (midge_create(m, &request, &created, &err) < 0)
        return xl_fail(&err, NULL);
    if (!stay)
        return XL_OK;
    snprintf(domid, sizeof(domid), "%u", created.domid);
    return follow(m, domid, o->console, !o->paused);
}

/* XL_OK with open images; -1: all is done. */
static int load(struct xl_loaded *l, const struct create_options *o)
{
    int code;

    if (!o->quiet)
        fprintf(stderr, "Parsing config from %s\n", o->file);
    if (xl_load(l, o->file, o->vars, o->nr_vars, stderr) < 0)
        return XL_FAILED;
    if (o->debug || o->dry_run) {
        code = print_config(l, o->dry_run ? stdout : stderr);
        if (code != XL_OK || o->dry_run)
            return code == XL_OK ? -1 : code;
    }
    return xl_load_images(l, stderr) < 0 ? XL_FAILED : XL_OK;
}

static int create(struct xl_loaded *l, const struct create_options *o)
{
    struct midge *m;
    int code = load(l, o);

    if (code != XL_OK)
        return code < 0 ? XL_OK : code;
    m = xl_connect(START_DAEMON);
    if (!m)
        return XL_FAILED;
    code = create_on(m, l, o);
    midge_close(m);
    return code;
}

int cmd_create(const struct xl *xl, const struct command *self, int argc,
               char **argv)
{
    struct create_options o = {.dry_run = xl->dry_run,
                               .debug = xl->verbosity > 2};
    struct xl_loaded loaded;
    int code = read_options(self, &o, argc, argv);

    if (code != XL_OK)
        return code < 0 ? XL_OK : code; /* -1: help was asked for */
    code = create(&loaded, &o);
    xl_unload(&loaded);
    return code;
}

static int update(struct xl_loaded *l, const struct create_options *o,
                  const char *domain)
{
    struct midge_create request;
    struct midge_error err;
    struct midge *m;
    int code = load(l, o);

    if (code != XL_OK)
        return code < 0 ? XL_OK : code;
    m = xl_connect_for(domain);
    if (!m)
        return XL_FAILED;
    xl_load_request(l, &request);
    code = check_engine(m, &l->domain);
    if (code == XL_OK && midge_config_update(m, domain, &request, &err) < 0)
        code = xl_fail(&err, domain);
    midge_close(m);
    return code;
}

int cmd_config_update(const struct xl *xl, const struct command *self, int argc,
                      char **argv)
{
    static const struct option words[] = {
        {"defconfig", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct create_options o = {.quiet = true, .debug = xl->verbosity > 2};
    struct xl_loaded loaded;
    const char *domain;
    int code, opt;

    while ((opt = next_option(self, argc, argv, "f:d", words, &code)) != -1) {
        if (opt == -2)
            return code;
        o.debug = o.debug || opt == 'd';
        if (opt == 'f')
            o.file = optarg;
    }
    domain = argv[optind++];
    code = read_arguments(self, &o, argc, argv);
    if (code != XL_OK)
        return code;
    code = update(&loaded, &o, domain);
    xl_unload(&loaded);
    return code;
}
