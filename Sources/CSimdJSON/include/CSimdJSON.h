// The few functions of the C++ shim over simdjson: bytes in, a flat array of nodes out.
//
// A document is an array of nodes in source order: a container is followed by its contents, and an object's contents
// alternate between a name (a node of kind string) and its value. No function here throws or aborts on input.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CSIMDJSON_PADDING = 64,  // readable bytes behind an input that is lent rather than copied
};

typedef enum {
    CSIMDJSON_OBJECT,
    CSIMDJSON_ARRAY,
    CSIMDJSON_STRING,
    CSIMDJSON_NUMBER,
    CSIMDJSON_TRUE,
    CSIMDJSON_FALSE,
    CSIMDJSON_NULL,
} csimdjson_kind;

typedef enum {
    CSIMDJSON_OK,
    CSIMDJSON_MALFORMED,
    CSIMDJSON_TRUNCATED,
    CSIMDJSON_TOO_DEEP,
    CSIMDJSON_TOO_LARGE,
    CSIMDJSON_TOO_MANY_NODES,
    CSIMDJSON_DUPLICATE_MEMBER,
    CSIMDJSON_INVALID_ENCODING,
    CSIMDJSON_NO_MEMORY,
} csimdjson_status;

typedef struct {
    const uint8_t *text;  // string: its unescaped UTF-8; number: its characters in the source; otherwise null
    int64_t integer;      // number with `is_integer`: its value
    uint32_t offset;      // of the first byte in the source
    uint32_t length;      // string and number: bytes of `text`; object: members; array: elements
    uint32_t span;        // nodes up to the next sibling: 1, or 1 and those of the contents
    uint8_t kind;         // a csimdjson_kind
    bool is_integer;      // no fraction, no exponent, between -2^63 and 2^63 - 1
} csimdjson_node;

typedef struct {
    csimdjson_status status;
    uint32_t offset;  // of the failure
} csimdjson_result;

typedef struct csimdjson_parser csimdjson_parser;

// Null when there is no memory. `seed` keys the hash that finds equal names, so that no sender can aim for collisions.
csimdjson_parser *csimdjson_parser_create(
    uint32_t bytes_max, uint32_t depth_max, uint32_t nodes_max, uint64_t seed);
void csimdjson_parser_destroy(csimdjson_parser *parser);

// With `padded`, CSIMDJSON_PADDING bytes behind `bytes` are readable and all of it outlives the nodes.
// Otherwise the bytes are copied.
csimdjson_result csimdjson_parse(csimdjson_parser *parser, const uint8_t *bytes, size_t count, bool padded);

// The nodes of the last parse, until the next; meaningful after CSIMDJSON_OK only.
const csimdjson_node *csimdjson_nodes(const csimdjson_parser *parser);

// The distance from `object` to the value of its member `name`, in nodes; 0 without such a member.
uint32_t csimdjson_find(const csimdjson_node *object, const uint8_t *name, size_t count);

#ifdef __cplusplus
}
#endif
