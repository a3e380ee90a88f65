/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The members of the facts and the words of their enumerators; see fields.h.
 *
 * A row is a member, in the order of the struct.  To add one, write it with the
 * macro of its kind; plain numbers, flags and texts find theirs by their type.
 * A struct's member without a row fails unit/test_facts.c, which also walks
 * every row.  The limits are those of the readers in src/collect, or above.
 */
#include "facts/fields.h"

#include "facts/facts.h"

/* What a hostile file may make of one list. */
enum {
	PARTS_MAX = 256,
	SOURCES_MAX = 64,
	SCALARS_MAX = 4096,
	CPUS_MAX = 2 * 8192, /* as many CPUs, as many register sets tied to none */
	FRAMES_MAX = 1024,
	NEXT_MAX = 64,
	NOTIFIERS_MAX = 1024,
	DUMPERS_MAX = 64,
	CONSOLES_MAX = 64,
	MODULES_MAX = 4096,
	RECORDS_MAX = 1 << 20,
	RECORD_BYTES_MAX = 64 * 1024,
	GAPS_MAX = 64 * 1024,
	TEXTS_MAX = 4096,
	TEXT_PARTS_MAX = 4096,
};

/* clang-format off */
const char *const trail_presence_names[] = {
	[TRAIL_UNREAD]  = "unread",
	[TRAIL_PRESENT] = "present",
	[TRAIL_ABSENT]  = "absent",
	[TRAIL_NODATA]  = "no-data",
	[TRAIL_CORRUPT] = "corrupt",
};

const char *const trail_tristate_names[] = {
	[TRAIL_MAYBE] = "maybe",
	[TRAIL_NO]    = "no",
	[TRAIL_YES]   = "yes",
};

const char *const trail_format_names[] = {
	[TRAIL_FORMAT_UNKNOWN]    = "unknown",
	[TRAIL_FORMAT_ELF]        = "elf",
	[TRAIL_FORMAT_KDUMP]      = "kdump",
	[TRAIL_FORMAT_FLAT_KDUMP] = "flat-kdump",
	[TRAIL_FORMAT_FLAT_ELF]   = "flat-elf",
	[TRAIL_FORMAT_NONE]       = "none",
};

const char *const trail_wrapper_names[] = {
	[TRAIL_WRAPPER_NONE] = "none",
	[TRAIL_WRAPPER_GZIP] = "gzip",
	[TRAIL_WRAPPER_XZ]   = "xz",
	[TRAIL_WRAPPER_ZSTD] = "zstd",
	[TRAIL_WRAPPER_LZ4]  = "lz4",
};

const char *const trail_writer_names[] = {
	[TRAIL_WRITER_UNKNOWN]    = "unknown",
	[TRAIL_WRITER_KERNEL]     = "kernel",
	[TRAIL_WRITER_HYPERVISOR] = "hypervisor",
};

const char *const trail_frame_how_names[] = {
	[TRAIL_FRAME_REGISTERS] = "registers",
	[TRAIL_FRAME_CALL_SITE] = "call-site",
	[TRAIL_FRAME_ORC]       = "orc",
	[TRAIL_FRAME_TRAP]      = "trap",
	[TRAIL_FRAME_SCAN]      = "scan",
};

const char *const trail_registers_names[] = {
	[TRAIL_REGISTERS_NONE] = "none",
	[TRAIL_REGISTERS_NOTE] = "note",
	[TRAIL_REGISTERS_VCPU] = "vcpu",
};

const char *const trail_note_names[] = {
	[TRAIL_NOTE_UNREAD]  = "unread",
	[TRAIL_NOTE_EMPTY]   = "empty",
	[TRAIL_NOTE_SAVED]   = "saved",
	[TRAIL_NOTE_CORRUPT] = "corrupt",
};

const char *const trail_returns_names[] = {
	[TRAIL_RETURNS_UNKNOWN]  = "unknown",
	[TRAIL_RETURNS_NO_STOP]  = "no-stop",
	[TRAIL_RETURNS_MAY_STOP] = "may-stop",
	[TRAIL_RETURNS_STOP]     = "stop",
};

const char *const trail_text_kind_names[] = {
	[TRAIL_TEXT_DUMP]    = "dump",
	[TRAIL_TEXT_CONSOLE] = "console",
	[TRAIL_TEXT_CAPTURE] = "capture",
	[TRAIL_TEXT_LOG]     = "log",
};

const char *const trail_text_role_names[] = {
	[TRAIL_ROLE_DEAD]         = "dead",
	[TRAIL_ROLE_CRASH_KERNEL] = "crash-kernel",
	[TRAIL_ROLE_NEXT]         = "next-boot",
};

const char *const trail_part_state_names[] = {
	[TRAIL_PART_WHOLE]     = "whole",
	[TRAIL_PART_MISSING]   = "missing",
	[TRAIL_PART_DAMAGED]   = "damaged",
	[TRAIL_PART_UNREAD]    = "unread",
	[TRAIL_PART_DUPLICATE] = "duplicate",
};

#define KIND(m) _Generic(((T *)0)->m, bool: TRAIL_FIELD_BOOL, int32_t: TRAIL_FIELD_INT32, \
	uint8_t: TRAIL_FIELD_UINT8, uint32_t: TRAIL_FIELD_UINT32, uint64_t: TRAIL_FIELD_UINT64, \
	const char *: TRAIL_FIELD_TEXT)
#define AT(m)               .offset = offsetof(T, m), .size = sizeof(((T *)0)->m)
#define PLAIN(m)            { .key = #m, .kind = KIND(m), AT(m) }
#define NEEDED(m)           { .key = #m, .kind = TRAIL_FIELD_TEXT, .needed = true, AT(m) }
#define UNSAVED(m)          { .key = #m, .kind = TRAIL_FIELD_UNSAVED, AT(m) }
#define WORD(m, words)      { .key = #m, .kind = TRAIL_FIELD_WORD, .names = words, .max = TRAIL_ARRAY_SIZE(words), AT(m) }
#define HEXES(m, n)         { .key = #m, .kind = TRAIL_FIELD_HEXES, .max = n, AT(m) }
#define BYTES(m, c, most)   { .key = #m, .kind = TRAIL_FIELD_BYTES, .count = offsetof(T, c), .max = most, AT(m) }
#define TEXTS(m, c, most)   { .key = #m, .kind = TRAIL_FIELD_TEXTS, .count = offsetof(T, c), .max = most, AT(m) }
#define STRUCT(m, s)        { .key = #m, .kind = TRAIL_FIELD_STRUCT, .shape = &(s), AT(m) }
#define ARRAY(m, c, s, most) { .key = #m, .kind = TRAIL_FIELD_ARRAY, .count = offsetof(T, c), .max = most, .shape = &(s), AT(m) }
#define SHAPE(rows)         { sizeof(T), rows, TRAIL_ARRAY_SIZE(rows) }

#define T struct trail_scalar
static const struct trail_field scalar_fields[] = {
	NEEDED(name),
	WORD(presence, trail_presence_names),
	PLAIN(is_signed),
	PLAIN(value),
	PLAIN(text),
	PLAIN(symbol),
	PLAIN(address),
	PLAIN(why),
};
static const struct trail_shape scalar_shape = SHAPE(scalar_fields);
#undef T

#define T struct trail_task
static const struct trail_field task_fields[] = {
	PLAIN(known),
	PLAIN(pid),
	PLAIN(comm),
	UNSAVED(comm_at),
};
static const struct trail_shape task_shape = SHAPE(task_fields);
#undef T

#define T struct trail_frame
static const struct trail_field frame_fields[] = {
	PLAIN(address),
	PLAIN(slot),
	PLAIN(function),
	PLAIN(offset),
	PLAIN(module),
	WORD(how, trail_frame_how_names),
	PLAIN(reliable),
	PLAIN(callee),
	PLAIN(next_known),
	TEXTS(next, n_next, NEXT_MAX),
};
static const struct trail_shape frame_shape = SHAPE(frame_fields);
#undef T

#define T struct trail_cpu_facts
static const struct trail_field cpu_fields[] = {
	PLAIN(cpu),
	WORD(present, trail_tristate_names),
	WORD(online, trail_tristate_names),
	WORD(active, trail_tristate_names),
	WORD(note, trail_note_names),
	PLAIN(note_address),
	WORD(registers, trail_registers_names),
	PLAIN(ip),
	PLAIN(sp),
	PLAIN(bp),
	PLAIN(flags),
	HEXES(kept, TRAIL_KEPT),
	WORD(lost_in_nmi, trail_tristate_names),
	STRUCT(task, task_shape),
	ARRAY(frames, n_frames, frame_shape, FRAMES_MAX),
	PLAIN(stack_whole),
	PLAIN(stack_end),
};
static const struct trail_shape cpu_shape = SHAPE(cpu_fields);
#undef T

#define T struct trail_notifier_facts
static const struct trail_field notifier_fields[] = {
	PLAIN(block),
	PLAIN(callback),
	PLAIN(priority),
	PLAIN(function),
	PLAIN(module),
	WORD(returns, trail_returns_names),
	PLAIN(block_seen),
};
static const struct trail_shape notifier_shape = SHAPE(notifier_fields);
#undef T

#define T struct trail_dumper_facts
static const struct trail_field dumper_fields[] = {
	PLAIN(address),
	PLAIN(callback),
	PLAIN(function),
	PLAIN(module),
	PLAIN(name),
	PLAIN(max_reason),
	PLAIN(on_stack),
};
static const struct trail_shape dumper_shape = SHAPE(dumper_fields);
#undef T

#define T struct trail_console_facts
static const struct trail_field console_fields[] = {
	PLAIN(address),
	PLAIN(name),
	PLAIN(enabled),
	WORD(seq_presence, trail_presence_names),
	PLAIN(seq),
};
static const struct trail_shape console_shape = SHAPE(console_fields);
#undef T

#define T struct trail_module_facts
static const struct trail_field module_fields[] = {
	NEEDED(name),
	PLAIN(base),
	PLAIN(size),
	PLAIN(taints),
};
static const struct trail_shape module_shape = SHAPE(module_fields);
#undef T

#define T struct trail_record
static const struct trail_field record_fields[] = {
	PLAIN(seq),
	PLAIN(ts_nsec),
	BYTES(text, length, RECORD_BYTES_MAX),
	PLAIN(level),
	PLAIN(facility),
	PLAIN(partial),
	PLAIN(cpu),
	PLAIN(pid),
	PLAIN(comm),
	UNSAVED(text_at),
	UNSAVED(comm_at),
};
static const struct trail_shape record_shape = SHAPE(record_fields);
#undef T

#define T struct trail_log_facts
static const struct trail_field log_fields[] = {
	WORD(presence, trail_presence_names),
	ARRAY(records, n, record_shape, RECORDS_MAX),
	PLAIN(first_seq),
	PLAIN(next_seq),
	PLAIN(lost),
};
static const struct trail_shape log_shape = SHAPE(log_fields);
#undef T

#define T struct trail_text_part
static const struct trail_field text_part_fields[] = {
	PLAIN(number),
	PLAIN(record),
	PLAIN(packing),
	WORD(state, trail_part_state_names),
	PLAIN(why),
};
static const struct trail_shape text_part_shape = SHAPE(text_part_fields);
#undef T

#define T struct trail_text_facts
static const struct trail_field text_fields[] = {
	WORD(kind, trail_text_kind_names),
	WORD(role, trail_text_role_names),
	PLAIN(path),
	PLAIN(form),
	PLAIN(region),
	PLAIN(lost_start),
	PLAIN(lost_end),
	PLAIN(reason),
	PLAIN(count),
	ARRAY(parts, n_parts, text_part_shape, TEXT_PARTS_MAX),
	PLAIN(has_time),
	PLAIN(time_s),
	PLAIN(has_ecc),
	PLAIN(ecc_corrected),
	PLAIN(ecc_bad),
	PLAIN(arch),
	PLAIN(release),
	PLAIN(version),
	PLAIN(build_id),
	PLAIN(cmdline),
	PLAIN(nodename),
	STRUCT(log, log_shape),
};
static const struct trail_shape text_shape = SHAPE(text_fields);
#undef T

#define T struct trail_gap
static const struct trail_field gap_fields[] = {
	NEEDED(what),
	PLAIN(why),
};
static const struct trail_shape gap_shape = SHAPE(gap_fields);
#undef T

#define T struct trail_plugin_condition
static const struct trail_field plugin_condition_fields[] = {
	WORD(look, trail_plugin_look_names),
	WORD(op, trail_plugin_op_names),
	NEEDED(name),
	PLAIN(value),
};
static const struct trail_shape plugin_condition_shape = SHAPE(plugin_condition_fields);
#undef T

#define T struct trail_plugin_notifier
static const struct trail_field plugin_notifier_fields[] = {
	NEEDED(function),
	PLAIN(module),
	WORD(class, trail_plugin_class_names),
	WORD(risk, trail_plugin_level_names),
	NEEDED(reason),
	NEEDED(does),
	NEEDED(source),
};
static const struct trail_shape plugin_notifier_shape = SHAPE(plugin_notifier_fields);
#undef T

#define T struct trail_plugin_fact
static const struct trail_field plugin_fact_fields[] = {
	NEEDED(name),
	WORD(kind, trail_plugin_fact_kind_names),
	PLAIN(symbol),
	PLAIN(module),
	PLAIN(type),
	PLAIN(member),
	PLAIN(width),
	PLAIN(is_signed),
	NEEDED(what),
	NEEDED(source),
	WORD(presence, trail_presence_names),
	PLAIN(value),
	PLAIN(address),
	PLAIN(why),
};
static const struct trail_shape plugin_fact_shape = SHAPE(plugin_fact_fields);
#undef T

#define T struct trail_plugin_witness
static const struct trail_field plugin_witness_fields[] = {
	NEEDED(function),
	PLAIN(module),
	WORD(outcome, trail_plugin_call_names),
	WORD(strength, trail_plugin_strength_names),
	ARRAY(when, n_when, plugin_condition_shape, PANICTRAIL_CONDITIONS),
	NEEDED(statement),
	NEEDED(source),
};
static const struct trail_shape plugin_witness_shape = SHAPE(plugin_witness_fields);
#undef T

#define T struct trail_plugin_rule
static const struct trail_field plugin_rule_fields[] = {
	NEEDED(id),
	WORD(severity, trail_plugin_severity_names),
	NEEDED(statement),
	PLAIN(message),
	PLAIN(remedy),
	NEEDED(source),
	ARRAY(where, n_where, plugin_condition_shape, PANICTRAIL_CONDITIONS),
	ARRAY(fails, n_fails, plugin_condition_shape, PANICTRAIL_CONDITIONS),
};
static const struct trail_shape plugin_rule_shape = SHAPE(plugin_rule_fields);
#undef T

#define T struct trail_plugin_evidence
static const struct trail_field plugin_evidence_fields[] = {
	PLAIN(function),
	PLAIN(module),
	WORD(outcome, trail_plugin_call_names),
	PLAIN(claim),
	WORD(strength, trail_plugin_strength_names),
	NEEDED(statement),
	PLAIN(where),
};
static const struct trail_shape plugin_evidence_shape = SHAPE(plugin_evidence_fields);
#undef T

#define T struct trail_plugin_cite
static const struct trail_field plugin_cite_fields[] = {
	PLAIN(evidence),
};
static const struct trail_shape plugin_cite_shape = SHAPE(plugin_cite_fields);
#undef T

#define T struct trail_plugin_result
static const struct trail_field plugin_result_fields[] = {
	NEEDED(rule),
	PLAIN(message),
	ARRAY(cites, n_cites, plugin_cite_shape, TRAIL_PLUGIN_ROWS_MAX),
};
static const struct trail_shape plugin_result_shape = SHAPE(plugin_result_fields);
#undef T

#define T struct trail_plugin_field
static const struct trail_field plugin_field_fields[] = {
	NEEDED(key),
	WORD(kind, trail_plugin_field_kind_names),
	PLAIN(text),
	PLAIN(value),
};
static const struct trail_shape plugin_field_shape = SHAPE(plugin_field_fields);
#undef T

#define T struct trail_plugin_facts
static const struct trail_field plugin_fields[] = {
	NEEDED(name),
	PLAIN(version),
	PLAIN(licence),
	PLAIN(about),
	PLAIN(abi_major),
	PLAIN(abi_minor),
	PLAIN(path),
	PLAIN(sha256),
	WORD(outcome, trail_plugin_outcome_names),
	PLAIN(reason),
	PLAIN(has_check),
	PLAIN(checked),
	ARRAY(notifiers, n_notifiers, plugin_notifier_shape, TRAIL_PLUGIN_ROWS_MAX),
	ARRAY(facts, n_facts, plugin_fact_shape, TRAIL_PLUGIN_ROWS_MAX),
	ARRAY(witnesses, n_witnesses, plugin_witness_shape, TRAIL_PLUGIN_ROWS_MAX),
	ARRAY(rules, n_rules, plugin_rule_shape, TRAIL_PLUGIN_ROWS_MAX),
	ARRAY(evidence, n_evidence, plugin_evidence_shape, TRAIL_PLUGIN_ROWS_MAX),
	ARRAY(results, n_results, plugin_result_shape, TRAIL_PLUGIN_ROWS_MAX),
	ARRAY(fields, n_fields, plugin_field_shape, TRAIL_PLUGIN_ROWS_MAX),
	ARRAY(gaps, n_gaps, gap_shape, TRAIL_PLUGIN_ROWS_MAX),
};
static const struct trail_shape plugin_shape = SHAPE(plugin_fields);
#undef T

#define T struct trail_plugin_list
static const struct trail_field plugin_list_fields[] = {
	ARRAY(plugins, n_plugins, plugin_shape, TRAIL_PLUGINS_MAX),
};
const struct trail_shape trail_plugin_list_shape = SHAPE(plugin_list_fields);
#undef T

#define T struct trail_dump_part
static const struct trail_field part_fields[] = {
	PLAIN(path),
	PLAIN(start_pfn),
	PLAIN(end_pfn),
};
static const struct trail_shape part_shape = SHAPE(part_fields);
#undef T

#define T struct trail_facts
static const struct trail_field facts_fields[] = {
	UNSAVED(pool),
	UNSAVED(loaded),
	PLAIN(path),
	WORD(format, trail_format_names),
	WORD(wrapper, trail_wrapper_names),
	ARRAY(parts, n_parts, part_shape, PARTS_MAX),
	WORD(writer, trail_writer_names),
	PLAIN(complete),
	PLAIN(arch),
	PLAIN(release),
	PLAIN(version),
	PLAIN(build_id),
	PLAIN(cmdline),
	PLAIN(nodename),
	PLAIN(domainname),
	UNSAVED(cmdline_at),
	UNSAVED(nodename_at),
	UNSAVED(domainname_at),
	TEXTS(symbol_sources, n_symbol_sources, SOURCES_MAX),
	ARRAY(scalars, n_scalars, scalar_shape, SCALARS_MAX),
	ARRAY(cpus, n_cpus, cpu_shape, CPUS_MAX),
	WORD(chain_presence, trail_presence_names),
	PLAIN(chain_complete),
	PLAIN(chain_why),
	ARRAY(notifiers, n_notifiers, notifier_shape, NOTIFIERS_MAX),
	WORD(dumpers_presence, trail_presence_names),
	ARRAY(dumpers, n_dumpers, dumper_shape, DUMPERS_MAX),
	WORD(consoles_presence, trail_presence_names),
	ARRAY(consoles, n_consoles, console_shape, CONSOLES_MAX),
	WORD(modules_presence, trail_presence_names),
	ARRAY(modules, n_modules, module_shape, MODULES_MAX),
	STRUCT(log, log_shape),
	ARRAY(texts, n_texts, text_shape, TEXTS_MAX),
	ARRAY(plugins, n_plugins, plugin_shape, TRAIL_PLUGINS_MAX),
	ARRAY(gaps, n_gaps, gap_shape, GAPS_MAX),
};
const struct trail_shape trail_facts_shape = SHAPE(facts_fields);
#undef T
/* clang-format on */
