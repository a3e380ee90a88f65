/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "mladek=post-hypervisor,dumper" → struct trail_order. */
#include "base/error.h"
#include "base/text.h"
#include "policy/orders.h"

enum { LEVEL_MAX = 4 };

/*
 * The options of an order; with no- in front the value is 0.  One of the dump
 * is taken by every model that does not fix it, one of a model by the models
 * that set it.
 */
static const struct {
	const char *word;
	enum trail_order_input input;
	bool of_dump;
} words[] = {
	{ "panic-print", TRAIL_INPUT_PRINT, true },
	{ "dumper", TRAIL_INPUT_DUMPER, true },
	{ "crash-kernel", TRAIL_INPUT_CRASH_KERNEL, true },
	{ "flag", TRAIL_INPUT_FLAG, false },
	{ "post-hypervisor", TRAIL_INPUT_POST_HYPERVISOR, false },
	{ "prefer", TRAIL_INPUT_PREFER, false },
	{ "pre", TRAIL_INPUT_PRE, false },
	{ "post", TRAIL_INPUT_POST, false },
	{ "post-kmsg", TRAIL_INPUT_POST_KMSG, false },
};

size_t trail_word_length(const char *s, char separator)
{
	const char *end = strchr(s, separator);

	return end ? (size_t)(end - s) : strlen(s);
}

static bool is_word(const char *s, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(s, word, n) == 0;
}

static bool takes(const struct trail_order_model *model, enum trail_order_input input, bool of_dump)
{
	for (size_t i = 0; i < TRAIL_MODEL_INPUTS; i++)
		if (model->inputs[i].input == input && input)
			return !model->inputs[i].fixed;
	return of_dump;
}

/* What may stand behind the = of a model. */
static void list_words(struct trail_text *out, const struct trail_order_model *model)
{
	const char *separator = "";

	if (takes(model, TRAIL_INPUT_LEVEL, false)) {
		trail_text_puts(out, "a level from 0 to 4");
		separator = ", ";
	}
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(words); i++)
		if (takes(model, words[i].input, words[i].of_dump)) {
			trail_text_printf(out, "%s[no-]%s", separator, words[i].word);
			separator = ", ";
		}
}

static struct trail_error *unknown_word(const struct trail_order *order, const char *s, size_t n)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text list = { 0 };

	list_words(&list, order->model);
	return trail_error_format(TRAIL_ERROR_USAGE, "--order %s: \"%.*s\": %s takes %s",
				  order->text, (int)n, s, order->model->name,
				  trail_text_string(&list));
}

static bool set(struct trail_order *order, enum trail_order_input input, int value)
{
	if (order->said[input] && order->value[input] != value)
		return false;
	order->said[input] = true;
	order->value[input] = value;
	return true;
}

static struct trail_error *parse_word(struct trail_order *order, const char *s, size_t n)
{
	bool no = n > 3 && memcmp(s, "no-", 3) == 0, fits = false;

	if (takes(order->model, TRAIL_INPUT_LEVEL, false) && n == 1 && *s >= '0' &&
	    *s <= '0' + LEVEL_MAX)
		fits = set(order, TRAIL_INPUT_LEVEL, *s - '0');
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(words); i++)
		if (is_word(no ? s + 3 : s, no ? n - 3 : n, words[i].word) &&
		    takes(order->model, words[i].input, words[i].of_dump))
			fits = set(order, words[i].input, !no);
	return fits ? NULL : unknown_word(order, s, n);
}

/* Names of callbacks: no empty one. */
static struct trail_error *parse_names(struct trail_order *order, const char *s)
{
	for (const char *p = s;; p++) {
		size_t n = trail_word_length(p, ',');
		if (!n)
			return trail_error_format(
				TRAIL_ERROR_USAGE,
				"--order %s: wanted names of callbacks, with a comma between, "
				"after %s=",
				order->text, order->model->name);
		p += n;
		if (!*p)
			break;
	}
	order->names = s;
	return NULL;
}

static struct trail_error *unknown_model(const char *text)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text names = { 0 };

	for (size_t i = 0; i < trail_n_order_models; i++)
		trail_text_printf(&names, "%s%s", i ? ", " : "", trail_order_models[i].name);
	return trail_error_format(TRAIL_ERROR_USAGE, "--order %s: there are %s, and all", text,
				  trail_text_string(&names));
}

struct trail_error *trail_order_parse(const char *text, struct trail_order *ret)
{
	struct trail_order order = { .text = text };
	size_t length = trail_word_length(text, '=');
	const char *options = text[length] ? text + length + 1 : NULL;
	struct trail_error *error = NULL;

	for (size_t i = 0; i < trail_n_order_models; i++)
		if (is_word(text, length, trail_order_models[i].name))
			order.model = &trail_order_models[i];
	if (!order.model)
		return unknown_model(text);
	if (order.model->wants_names)
		error = parse_names(&order, options ? options : "");
	else
		for (const char *p = options; !error && p && (p == options || p[-1]); p++) {
			size_t n = trail_word_length(p, ',');
			error = parse_word(&order, p, n);
			p += n;
		}
	if (!error)
		*ret = order;
	return error;
}

const char *trail_order_of_all(size_t i)
{
	for (size_t m = 0; m < trail_n_order_models; m++)
		for (const char *const *v = trail_order_models[m].variants; *v; v++)
			if (!i--)
				return *v;
	return NULL;
}
