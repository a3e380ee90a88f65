/* SPDX-License-Identifier: MIT */
/* All that plugins and panictrail agree on, in one object, for abidw; see tests/plugin/abi. */
#include "panictrail/host.h"
#include "panictrail/plugin.h"

struct panictrail_abi {
	struct panictrail_plugin plugin;
	struct panictrail_host host;
	struct panictrail_member member;
	struct panictrail_record record;
	struct panictrail_callback callback;
	struct panictrail_cpu cpu;
	struct panictrail_frame frame;
	enum panictrail_need_kind need_kind;
	enum panictrail_class class_;
	enum panictrail_level level;
	enum panictrail_fact_kind fact_kind;
	enum panictrail_look look;
	enum panictrail_op op;
	enum panictrail_outcome outcome;
	enum panictrail_call call;
	enum panictrail_strength strength;
	enum panictrail_severity severity;
	enum panictrail_status status;
	enum panictrail_host_status host_status;
};

PANICTRAIL_EXPORT struct panictrail_abi panictrail_abi;
