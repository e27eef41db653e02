#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

/// A descriptor that a `poll` can wait on; -1 with `errno` when there is none to be had.
static inline int clibpq_wakeup(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

/// Names the calling thread; the system keeps 15 bytes.
static inline void clibpq_name_thread(const char *name) {
    prctl(PR_SET_NAME, name);
}

/// Asks for the rows of the statement just sent in small results: chunks where libpq knows them (17), single rows before.
static inline int clibpq_set_streaming(PGconn *connection, int rows) {
#ifdef LIBPQ_HAS_CHUNK_MODE
    return PQsetChunkedRowsMode(connection, rows);
#else
    (void)rows;
    return PQsetSingleRowMode(connection);
#endif
}

/// Whether the result is a part of a stream of rows, with more to come.
static inline bool clibpq_is_part_of_stream(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
#ifdef LIBPQ_HAS_CHUNK_MODE
    if (status == PGRES_TUPLES_CHUNK) return true;
#endif
    return status == PGRES_SINGLE_TUPLE;
}

/// The raw error fields of a result, named so that Swift sees them.
enum {
    clibpq_severity = PG_DIAG_SEVERITY_NONLOCALIZED,
    clibpq_sqlstate = PG_DIAG_SQLSTATE,
    clibpq_message = PG_DIAG_MESSAGE_PRIMARY,
    clibpq_constraint = PG_DIAG_CONSTRAINT_NAME,
    clibpq_table = PG_DIAG_TABLE_NAME,
    clibpq_column = PG_DIAG_COLUMN_NAME,
};
