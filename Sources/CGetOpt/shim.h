// getopt_long(3) of the C library, which Swift's own Glibc module leaves out, and its globals as functions.
#pragma once

#include <getopt.h>

/// Begins a scan anew, whatever an earlier one left (getopt(3), "NOTES": optind = 0), and prints nothing by itself.
static inline void cgetopt_begin(void) {
    optind = 0;
    opterr = 0;
}

/// Index of the next argument to be looked at.
static inline int cgetopt_index(void) { return optind; }

/// The value of the option found last, or null.
static inline const char *cgetopt_value(void) { return optarg; }

/// What getopt_long stumbled over: the option's `val`, its letter, or 0.
static inline int cgetopt_culprit(void) { return optopt; }
