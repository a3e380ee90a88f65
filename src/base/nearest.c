/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name that a mistyped word was meant as; see nearest.h. */
#include "base/nearest.h"

enum { WORD_MAX = 31 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

unsigned trail_edit_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];

	if (n > WORD_MAX || m > WORD_MAX)
		return 255;
	for (size_t i = 0; i <= n; i++)
		for (size_t j = 0; j <= m; j++) {
			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			bool same = lower(a[i - 1]) == lower(b[j - 1]);
			d[i][j] = TRAIL_MIN(d[i - 1][j] + 1, d[i][j - 1] + 1);
			d[i][j] = TRAIL_MIN(d[i][j], d[i - 1][j - 1] + !same);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = TRAIL_MIN(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[n][m];
}

void trail_nearest_consider(struct trail_nearest *nearest, const char *name)
{
	unsigned limit = TRAIL_MAX(strlen(nearest->word) / 3, 1);
	unsigned distance = trail_edit_distance(nearest->word, name);

	if (distance <= limit && (!nearest->name || distance < nearest->distance)) {
		nearest->name = name;
		nearest->distance = distance;
	}
}
