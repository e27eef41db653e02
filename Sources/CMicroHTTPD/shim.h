#include <microhttpd.h>
#include <stdbool.h>

// MHD_start_daemon is variadic, which Swift cannot call.

static inline struct MHD_Daemon *cmicrohttpd_start(
    bool is_ipv6, MHD_socket listening, unsigned int connections_max, unsigned int threads,
    unsigned int timeout_seconds, size_t connection_bytes_max, MHD_AccessHandlerCallback handler, void *context) {
    unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO | (is_ipv6 ? MHD_USE_IPv6 : 0);
    return MHD_start_daemon(
        flags, 0, NULL, NULL, handler, context,
        MHD_OPTION_LISTEN_SOCKET, listening,
        MHD_OPTION_CONNECTION_LIMIT, connections_max,
        MHD_OPTION_CONNECTION_TIMEOUT, timeout_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_bytes_max,
        MHD_OPTION_THREAD_POOL_SIZE, threads,
        MHD_OPTION_END);
}

// Enumerations are closed in some versions and open in others, and Swift names their cases accordingly.

static inline enum MHD_Result cmicrohttpd_result(bool is_yes) { return is_yes ? MHD_YES : MHD_NO; }

static inline const char *cmicrohttpd_header(struct MHD_Connection *connection, const char *name) {
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static inline void cmicrohttpd_arguments(
    struct MHD_Connection *connection, MHD_KeyValueIterator iterator, void *context) {
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, iterator, context);
}

// Copies the bytes.
static inline struct MHD_Response *cmicrohttpd_response(size_t count, const void *bytes) {
    return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}

static inline bool cmicrohttpd_add_header(struct MHD_Response *response, const char *name, const char *value) {
    return MHD_add_response_header(response, name, value) == MHD_YES;
}
