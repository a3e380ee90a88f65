/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which lines of a file are of which boot, and which boots matter; see boots.h. */
#include "collect/boots.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "collect/log_store.h"
#include "collect/texts.h"
#include "format/klog.h"
#include "format/klog_event.h"
#include "format/klog_identity.h"

#define SECOND UINT64_C(1000000000)

enum {
	HOST_MAX = 256,
	BOOTS_MAX = 256, /* as many as are compared, see timeline/incidents.c */
	NEXT_LINES = 64, /* of the boot after a crash */
};

/*
 * How far the log clock must fall back for another boot: a CPU's clock may be behind another's, and
 * a resumed machine's behind what it was.
 */
static const uint64_t early = 5 * SECOND, far_back = 60 * SECOND, after_panic = SECOND;

/* A boot, or a stretch of a file that cannot be of the same one. */
struct boot {
	struct boot *next;
	struct trail_log_lines lines;
	struct trail_klog_identity identity;
	enum trail_klog_event worst; /* of _TROUBLE, _OOPS, _PANIC; else _NOTHING */
	uint64_t latest;	     /* the largest time so far */
	uint64_t panic_at;
	uint64_t seq; /* the last one's, extended form */
	bool has_time, has_panic_time, has_seq;
	bool panic_end, crash_start, crash_kernel, kdump_loaded, orderly;
	bool crash_tail; /* a crash kernel speaks behind its last line that is surely its own */
	bool firmware; /* its first lines are of firmware, or another boot was left out before it */
	bool in_firmware; /* firmware has spoken, and no kernel since then */
	bool told;	  /* the file says where it ends: nothing is known of how */
	bool has_date;
	uint64_t date_s;
	char host[HOST_MAX];
	/* behind its last line that is the kernel's for sure: what follows may be the next boot's
	 * firmware */
	struct trail_log_place kernel_end;
	uint64_t number; /* of its first line */
};

struct trail_boots {
	struct boot *first, *last; /* the last one is being read */
	size_t cost, n;
	unsigned reboots;  /* kernels that started behind another one's lines */
	unsigned left_out; /* boots that crashed and could not be kept */
	size_t signs;	   /* lines that only a kernel's log has */
	size_t lines, timed, dated, walls, tagged, levelled, extended, vendors, words;
	bool firmware, key;
};

static struct boot *boot_new(struct trail_boots *boots)
{
	struct boot *boot = calloc(1, sizeof(*boot));

	if (!boot)
		return NULL;
	if (boots->last)
		boots->last->next = boot;
	else
		boots->first = boot;
	boots->last = boot;
	boots->n++;
	return boot;
}

static void boot_free(struct trail_boots *boots, struct boot *boot)
{
	trail_log_drop_all(&boot->lines, &boots->cost);
	boots->n--;
	free(boot);
}

struct trail_boots *trail_boots_new(void)
{
	return calloc(1, sizeof(struct trail_boots));
}

void trail_boots_free(struct trail_boots *boots)
{
	if (!boots)
		return;
	for (struct boot *b = boots->first, *next; b; b = next) {
		next = b->next;
		boot_free(boots, b);
	}
	free(boots);
}

void trail_boots_freep(struct trail_boots **boots)
{
	trail_boots_free(*boots);
}

static void remove_boot(struct trail_boots *boots, struct boot *boot)
{
	struct boot **at = &boots->first, *before = NULL;

	while (*at != boot) {
		before = *at;
		at = &before->next;
	}
	*at = boot->next;
	if (boots->last == boot)
		boots->last = before;
	boot_free(boots, boot);
}

/*
 * Only boots that matter stay: the last of those that ended without trouble may be the one that
 * was reset, and the one after a crash says why it started.
 */
static void settle(struct trail_boots *boots)
{
	struct boot *before = NULL;

	for (struct boot *b = boots->first, *next; b && b->next; b = next) {
		next = b->next;
		bool last_but_one = next == boots->last;
		if (b->worst || b->crash_kernel || last_but_one) {
			before = b;
			continue;
		}
		if (before && before->worst) {
			trail_log_keep_first(&b->lines, &boots->cost);
			if (b->identity.banner) /* else it may be a part of what was before */
				before = b;
		} else {
			next->firmware = true;
			remove_boot(boots, b);
		}
	}
}

/* A new boot begins, with the lines behind what was surely the last one's. */
static struct trail_error *begin(struct trail_boots *boots, uint64_t number)
{
	struct boot *old = boots->last, *boot = boot_new(boots);

	if (!boot)
		return &trail_error_nomem;
	boot->number = number;
	if (!old)
		return NULL;
	memcpy(boot->host, old->host, sizeof(boot->host));
	if (!trail_log_move(&old->lines, old->kernel_end, &boot->lines, &boots->cost))
		return &trail_error_nomem;
	boot->firmware = boot->lines.first != NULL;
	boot->crash_kernel = old->crash_tail;
	boot->kernel_end = trail_log_end(&boot->lines);
	settle(boots);
	return NULL;
}

static void remove_first(struct trail_boots *boots)
{
	boots->left_out += boots->first->worst >= TRAIL_KLOG_OOPS;
	remove_boot(boots, boots->first);
}

/* Make room: what is least likely to matter goes first. */
static void make_room(struct trail_boots *boots)
{
	struct boot *now = boots->last;

	while (boots->n > BOOTS_MAX)
		remove_first(boots);
	while (boots->cost > TRAIL_STORE_MAX && !now->lines.cut) {
		struct boot *b = boots->first;
		if (now->lines.cost - now->lines.pinned > TRAIL_KEEP_BEFORE &&
		    trail_log_drop(&now->lines, &boots->cost))
			continue;
		while (b && !trail_log_drop(&b->lines, &boots->cost))
			b = b->next;
		if (b)
			continue;
		if (boots->first != now) {
			remove_first(boots);
			continue;
		}
		now->lines.cut = true;
	}
}

/* Does this line's time, or what it says, begin another boot? */
static bool is_boundary(const struct trail_boots *boots, const struct boot *boot,
			const struct trail_klog_line *line, enum trail_klog_event event)
{
	bool untimed = !line->has_time && boot->has_time && boots->timed > boots->lines / 4 &&
		       !boot->in_firmware;

	/* a program may print /proc/version: where the kernel's lines have times, so has the banner
	 */
	if (event == TRAIL_KLOG_BANNER && !untimed &&
	    (boot->identity.banner || boot->latest > early || (!boot->has_time && boot->worst)))
		return true;
	/* what arm and arm64 print before it */
	if (event == TRAIL_KLOG_EARLY && boot->identity.banner)
		return true;
	/* a quiet crash kernel is first seen when it saves the dump */
	if (event == TRAIL_KLOG_CRASH_KERNEL && !boot->crash_kernel &&
	    (boot->worst || strstr(boot->identity.cmdline, "crashkernel=")) &&
	    !strstr(boot->identity.cmdline, "elfcorehdr="))
		return true;
	if (!line->has_time || !boot->has_time)
		return false;
	uint64_t back = boot->latest > line->ts_nsec ? boot->latest - line->ts_nsec : 0;
	if (back > far_back || (line->ts_nsec < early && back > early))
		return true;
	/* the same crash a second time, as it is pasted */
	if (event == TRAIL_KLOG_PANIC && boot->has_panic_time && back &&
	    line->ts_nsec == boot->panic_at)
		return true;
	if (boot->has_panic_time && boot->panic_end)
		return line->ts_nsec < boot->panic_at;
	return boot->has_panic_time && back > after_panic &&
	       line->ts_nsec + after_panic < boot->panic_at;
}

static void count(struct trail_boots *boots, const struct trail_klog_line *line)
{
	boots->lines++;
	boots->timed += !!(line->marks & TRAIL_KLOG_TIME);
	boots->dated += !!(line->marks & TRAIL_KLOG_DATE);
	boots->walls += !!(line->marks & TRAIL_KLOG_WALL);
	boots->tagged += !!(line->marks & TRAIL_KLOG_TAG);
	boots->levelled += !!(line->marks & TRAIL_KLOG_LEVEL);
	boots->extended += !!(line->marks & TRAIL_KLOG_EXTENDED);
	boots->vendors += !!(line->marks & TRAIL_KLOG_VENDOR);
	boots->words += !!(line->marks & TRAIL_KLOG_WORDS);
}

/* Something grave: hold on to what is around it. */
static void grave(struct boot *boot, const struct trail_klog_line *line,
		  enum trail_klog_event event)
{
	bool panic = event == TRAIL_KLOG_PANIC;

	if (event <= boot->worst)
		return;
	boot->worst = event;
	trail_log_pin(&boot->lines, panic ? TRAIL_KEEP_BEFORE : TRAIL_KEEP_LESS,
		      panic ? TRAIL_KEEP_BEHIND : TRAIL_KEEP_LESS);
	if (panic && line->has_time) {
		boot->has_panic_time = true;
		boot->panic_at = line->ts_nsec;
	}
}

/* CPU: 0 PID: 1 Comm: init … */
static bool is_stack_head(const struct trail_klog_line *line)
{
	return line->length > 5 && memcmp(line->text, "CPU: ", 5) == 0 &&
	       trail_text_has(line->text, line->length, " PID: ");
}

/* What a line adds to what is known of its boot. */
static void learn(struct boot *boot, const struct trail_klog_line *line,
		  enum trail_klog_event event)
{
	if (!line->facility)
		trail_klog_identity_see(&boot->identity, line->text, line->length);
	if (line->has_time && (!boot->has_time || line->ts_nsec > boot->latest)) {
		boot->has_time = true;
		boot->latest = line->ts_nsec;
	}
	if (line->has_date) {
		boot->has_date = true;
		boot->date_s = line->date_s;
	}
	if (line->host && line->host_length < sizeof(boot->host) && !boot->host[0])
		memcpy(boot->host, line->host, line->host_length);
	if (line->marks & TRAIL_KLOG_EXTENDED) {
		uint64_t next = boot->seq + 1;
		if (boot->has_seq && line->seq > next)
			boot->lines.lost += line->seq - next;
		boot->seq = boot->has_seq ? TRAIL_MAX(boot->seq, line->seq) : line->seq;
		boot->has_seq = true;
	}
	if (is_stack_head(line))
		boot->kdump_loaded |= trail_text_has(line->text, line->length, "Kdump: loaded");
	boot->panic_end |= event == TRAIL_KLOG_PANIC_END;
	boot->crash_start |= event == TRAIL_KLOG_CRASH_START;
	/* a crash kernel that is quiet may speak in the lines of the one that died */
	boot->crash_kernel |= event == TRAIL_KLOG_CRASH_KERNEL && boot->worst < TRAIL_KLOG_OOPS;
	boot->orderly |= event == TRAIL_KLOG_REBOOT;
	if (!line->facility &&
	    (event == TRAIL_KLOG_PANIC || event == TRAIL_KLOG_OOPS || event == TRAIL_KLOG_TROUBLE))
		grave(boot, line, event);
	/* where the panic line itself is lost */
	if (event == TRAIL_KLOG_PANIC_END && line->text[0] == '-')
		grave(boot, line, TRAIL_KLOG_PANIC);
}

/* Is it the kernel's for sure, so that firmware is none before it? */
static bool is_kernels(const struct trail_boots *boots, struct boot *boot,
		       const struct trail_klog_line *line, enum trail_klog_event event)
{
	bool marked = line->marks & (TRAIL_KLOG_TIME | TRAIL_KLOG_DATE | TRAIL_KLOG_TAG |
				     TRAIL_KLOG_EXTENDED | TRAIL_KLOG_LEVEL);

	if (event == TRAIL_KLOG_FIRMWARE)
		boot->in_firmware = true;
	else if (marked || event == TRAIL_KLOG_BANNER)
		boot->in_firmware = false;
	/* a file without times: all is, until firmware speaks */
	return marked || (boots->timed <= boots->lines / 4 && !boot->in_firmware);
}

struct trail_error *trail_boots_line(struct trail_boots *boots, const struct trail_klog_line *line,
				     uint64_t number)
{
	struct boot *boot = boots->last;

	if (line->marks & TRAIL_KLOG_KEY || !line->length)
		return NULL;
	enum trail_klog_event event = trail_klog_event(line->text, line->length);
	if (event == TRAIL_KLOG_BOUNDARY && !line->marks) {
		trail_boots_next(boots);
		return NULL;
	}
	if (!boot || boot->told || is_boundary(boots, boot, line, event)) {
		struct trail_error *error = begin(boots, number);
		if (error)
			return error;
		boot = boots->last;
		boots->reboots += boot != boots->first &&
				  (event == TRAIL_KLOG_BANNER || event == TRAIL_KLOG_EARLY ||
				   (line->has_time && line->ts_nsec < early));
	}
	count(boots, line);
	boots->signs += line->marks & ~(unsigned)TRAIL_KLOG_QUOTED || event || is_stack_head(line);
	if (event == TRAIL_KLOG_FIRMWARE)
		boots->firmware = true;
	if (boot->lines.cut) {
		boot->lines.lost++;
	} else {
		if (!trail_log_add(&boot->lines, line, number, &boots->cost))
			return &trail_error_nomem;
		boot->crash_tail |= event == TRAIL_KLOG_CRASH_KERNEL;
		if (is_kernels(boots, boot, line, event) ||
		    trail_log_is_far(&boot->lines, boot->kernel_end)) {
			boot->kernel_end = trail_log_end(&boot->lines);
			boot->crash_tail = false;
		}
	}
	learn(boot, line, event);
	make_room(boots);
	return NULL;
}

void trail_boots_next(struct trail_boots *boots)
{
	if (boots->last)
		boots->last->told = true;
}

/* ---- the texts ------------------------------------------------------------------------------ */

/* Is the header of the dump passed to a crash kernel elsewhere than on its command line? */
static bool passes_elsewhere(const char *arch)
{
	return trail_streq(arch, "aarch64") || trail_streq(arch, "riscv64") ||
	       trail_streq(arch, "s390x");
}

/* Is this boot, behind one that crashed, the crash kernel's? */
static bool is_crash_kernel(const struct boot *boot, const struct boot *before)
{
	const struct trail_klog_identity *id = &boot->identity;
	const char *arch = id->arch[0] || !before ? id->arch : before->identity.arch;

	if (strstr(id->cmdline, "elfcorehdr="))
		return true;
	/* the words of one that is quiet stand behind the lines of the kernel that died */
	if (id->cmdline[0] && !passes_elsewhere(arch))
		return false;
	if (boot->crash_kernel)
		return true;
	if (!before || before->worst < TRAIL_KLOG_OOPS)
		return false;
	return before->crash_start ||
	       (before->kdump_loaded && !before->panic_end && !boot->firmware && !before->told);
}

static const char *form_of(const struct trail_boots *boots)
{
	size_t half = boots->lines / 2;

	if (boots->extended > half)
		return "netconsole";
	if (boots->tagged > half)
		return "syslog";
	if (boots->vendors > half)
		return "android";
	if (boots->walls > half || boots->words > half)
		return "dmesg";
	if (boots->dated > half)
		return boots->timed > half ? "dmesg" : "dated";
	return NULL;
}

/* A console was recorded: what stands in it was never in a log that somebody read out. */
static bool is_capture(const struct trail_boots *boots, const struct trail_boots_file *file)
{
	bool said = false;

	if (boots->tagged > boots->lines / 2 || boots->dated > boots->lines / 2)
		return false;
	for (const struct boot *b = boots->first; b; b = b->next)
		said |= b->panic_end || b->crash_start;
	return file->outside || boots->firmware || said || boots->extended > boots->lines / 2 ||
	       (boots->reboots && boots->levelled <= boots->lines / 2);
}

static bool copy(struct trail_pool *pool, const char *s, const char **to)
{
	if (*to || !s[0])
		return true;
	*to = trail_pool_strdup(pool, s);
	return *to != NULL;
}

static bool name_kernel(struct trail_text_facts *text, const struct trail_klog_identity *id,
			struct trail_pool *pool)
{
	return copy(pool, id->arch, &text->arch) && copy(pool, id->release, &text->release) &&
	       copy(pool, id->version, &text->version) &&
	       copy(pool, id->build_id, &text->build_id) && copy(pool, id->cmdline, &text->cmdline);
}

bool trail_text_identify(struct trail_text_facts *text, struct trail_pool *pool)
{
	struct trail_klog_identity id = {};

	for (size_t i = 0; i < text->log.n; i++)
		if (!text->log.records[i].facility)
			trail_klog_identity_see(&id, text->log.records[i].text,
						text->log.records[i].length);
	return name_kernel(text, &id, pool);
}

/* Of the boot after a crash: which it is, and what it says of why. */
static bool is_telling(const char *text, size_t n)
{
	return trail_klog_event(text, n) == TRAIL_KLOG_BANNER ||
	       (n > 14 && (memcmp(text, "Command line: ", 14) == 0 ||
			   memcmp(text, "Kernel command", 14) == 0)) ||
	       trail_klog_tells_reset(text, n);
}

static struct trail_error *add_text(struct trail_boots *boots, struct boot *boot,
				    enum trail_text_role role, const struct trail_boots_file *file,
				    struct trail_facts *facts)
{
	bool capture = is_capture(boots, file);
	struct trail_text_facts *text = trail_facts_add_text(facts);

	if (!text)
		return &trail_error_nomem;
	text->kind = capture ? TRAIL_TEXT_CAPTURE : TRAIL_TEXT_LOG;
	text->role = role;
	text->path = trail_pool_strdup(&facts->pool, file->path);
	text->form = file->form ? file->form : form_of(boots);
	if (!text->form)
		text->form = capture ? "serial" : "dmesg";
	text->lost_end = boot->lines.cut;
	text->has_time = boot->has_date;
	text->time_s = boot->date_s;
	bool ok = text->path && copy(&facts->pool, boot->host, &text->nodename) &&
		  name_kernel(text, &boot->identity, &facts->pool);
	if (role == TRAIL_ROLE_NEXT)
		boot->lines.lost = 0;
	ok = ok && trail_log_records(&boot->lines, role == TRAIL_ROLE_NEXT ? is_telling : NULL,
				     &facts->pool, &text->log);
	if (role == TRAIL_ROLE_NEXT && text->log.n > NEXT_LINES)
		text->log.n = NEXT_LINES;
	if (ok && role == TRAIL_ROLE_NEXT && !text->log.n) {
		facts->n_texts--; /* nothing says that it is a boot */
		return NULL;
	}
	/* what came before its first line for sure was not looked at */
	ok = ok && (text->release || trail_text_identify(text, &facts->pool));
	return ok ? NULL : &trail_error_nomem;
}

/* From which weight on a boot is one that crashed: trouble counts where there is nothing worse. */
static enum trail_klog_event threshold(const struct trail_boots *boots)
{
	enum trail_klog_event worst = TRAIL_KLOG_NOTHING;

	for (const struct boot *b = boots->first; b; b = b->next)
		worst = TRAIL_MAX(worst, b->worst);
	return TRAIL_MIN(worst, TRAIL_KLOG_OOPS);
}

/* No boot had trouble: the one that was cut off, else the last one. */
static const struct boot *quiet_one(const struct trail_boots *boots, bool capture)
{
	const struct boot *b = boots->first;

	while (b && b->next && b->next != boots->last)
		b = b->next;
	return b && b->next && capture && !b->orderly && !b->told ? b : boots->last;
}

static struct trail_error *say_left_out(const struct trail_boots *boots, struct trail_facts *facts)
{
	char why[128];

	if (!boots->left_out)
		return NULL;
	snprintf(why, sizeof(why),
		 "%u boots before the others, in which the kernel oopsed or panicked, were left "
		 "out: the file holds too many",
		 boots->left_out);
	return trail_facts_add_gap(facts, "boots of the log", why) ? NULL : &trail_error_nomem;
}

struct trail_error *trail_boots_finish(struct trail_boots *boots,
				       const struct trail_boots_file *file,
				       struct trail_facts *facts)
{
	enum trail_klog_event from = threshold(boots);
	bool capture = is_capture(boots, file);
	const struct boot *quiet = from ? NULL : quiet_one(boots, capture), *before = NULL;
	bool crashed = false; /* the boot before did, or was its crash kernel */

	if (!boots->signs)
		return trail_facts_add_gap(facts, "log text",
					   "no line of a kernel's log was found in it")
			       ? NULL
			       : &trail_error_nomem;
	for (struct boot *b = boots->first; b; b = b->next) {
		enum trail_text_role role = TRAIL_ROLE_NEXT;
		bool dead = from ? b->worst >= from : b == quiet;
		/* it died, or no crash kernel would be there */
		dead |= b->crash_kernel || (b->next && is_crash_kernel(b->next, b));
		if (is_crash_kernel(b, before))
			role = TRAIL_ROLE_CRASH_KERNEL;
		else if (dead)
			role = TRAIL_ROLE_DEAD;
		before = b;
		if (role == TRAIL_ROLE_NEXT && !crashed)
			continue;
		struct trail_error *error = add_text(boots, b, role, file, facts);
		if (error)
			return error;
		crashed = role != TRAIL_ROLE_NEXT || !b->identity.banner;
	}
	return say_left_out(boots, facts);
}
