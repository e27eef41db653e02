// simdjson's first stage finds every structural character and checks UTF-8, quotes and control characters with vector
// instructions. What it leaves is a list of offsets, which the second stage here turns into nodes. simdjson's own second
// stages lose what we must keep: its DOM rounds numbers and forgets offsets, its on-demand reader skips what nobody asks
// for. What is used of `simdjson::internal::dom_parser_implementation` is public in C++, though meant for simdjson itself,
// and the same in 3.0.1 (Debian 12) and 3.12.3 (Debian 13); https://arxiv.org/abs/1902.08318 describes the stages.

#include "CSimdJSON.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include <simdjson.h>

namespace {

using Stage1 = simdjson::internal::dom_parser_implementation;

/// An entry of the table that finds equal names: one name of one object of the parse `generation`.
struct NameEntry {
    uint32_t generation;
    uint32_t hash;
    uint32_t container;
    uint32_t node;
};

template <typename T>
struct Buffer {
    T *start = nullptr;
    size_t capacity = 0;

    ~Buffer() { free(start); }

    /// Makes room for `count` elements; contents are lost when it grows. New memory is zero.
    bool reserve(size_t count) {
        if (count <= capacity) return true;
        size_t rounded = capacity * 2 > count ? capacity * 2 : count;
        free(start);
        start = static_cast<T *>(calloc(rounded, sizeof(T)));
        capacity = start ? rounded : 0;
        return start != nullptr;
    }
};

inline uint64_t load8(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

/// Whether one of the eight bytes of `word` equals `byte`.
inline uint64_t has(uint64_t word, uint8_t byte) {
    constexpr uint64_t ones = 0x0101010101010101;
    uint64_t difference = word ^ (ones * byte);
    return (difference - ones) & ~difference & (ones * 0x80);
}

inline bool isSpace(uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
inline bool isDigit(uint8_t c) { return c >= '0' && c <= '9'; }

/// Whether a number, true, false or null may be followed by `c`.
inline bool endsScalar(uint8_t c) { return isSpace(c) || c == ',' || c == '}' || c == ']'; }

int hexDigit(uint8_t c) {
    if (isDigit(c)) return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// The number of bytes of the UTF-8 character at `s`, of whose bytes `left` are there: 0 when it is none, -1 when it is
/// cut off. The Unicode Standard, table 3-7.
int characterLength(const uint8_t *s, size_t left) {
    uint8_t c = s[0];
    if (c < 0x80) return 1;
    int length = c >= 0xC2 && c <= 0xDF ? 2 : c >= 0xE0 && c <= 0xEF ? 3 : c >= 0xF0 && c <= 0xF4 ? 4 : 0;
    for (int i = 1; i < length; i++) {
        if (size_t(i) >= left) return -1;
        uint8_t low = i > 1 ? 0x80 : c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
        uint8_t high = i > 1 ? 0xBF : c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
        if (s[i] < low || s[i] > high) return 0;
    }
    return length;
}

}  // namespace

struct csimdjson_parser {
    const uint32_t bytesMax;
    const uint32_t depthMax;
    const uint32_t nodesMax;
    const uint64_t seed;

    std::unique_ptr<Stage1> stage1;
    Buffer<uint8_t> copy;         // of a source that is not lent
    Buffer<uint8_t> unescaped;    // strings that had escapes
    Buffer<csimdjson_node> nodes;
    Buffer<uint32_t> containers;  // those that are open
    Buffer<NameEntry> names;
    uint32_t generation = 0;
    uint32_t namesMask = 0;

    // Of the parse under way
    const uint8_t *source = nullptr;
    uint32_t length = 0;
    size_t unescapedCount = 0;
    uint32_t nodeCount = 0;
    csimdjson_result failure{CSIMDJSON_OK, 0};

    csimdjson_parser(uint32_t bytesMax, uint32_t depthMax, uint32_t nodesMax, uint64_t seed)
        : bytesMax(bytesMax), depthMax(depthMax), nodesMax(nodesMax), seed(seed) {}

    bool fail(csimdjson_status status, size_t offset) {
        failure = {status, uint32_t(offset)};
        return false;
    }

    csimdjson_node &push(csimdjson_kind kind, uint32_t offset) {
        csimdjson_node &node = nodes.start[nodeCount++];
        node = {nullptr, 0, offset, 0, 1, uint8_t(kind), false};
        return node;
    }

    csimdjson_result parse(const uint8_t *bytes, size_t count, bool padded);
    bool reserve();
    void locateFailure(simdjson::error_code error);
    bool build();
    bool string(uint32_t position);
    bool unescape(csimdjson_node &node, const uint8_t *escape);
    bool codeUnit(const uint8_t *escape, uint32_t &unit);
    bool number(uint32_t position);
    bool literal(csimdjson_kind kind, const char *text, uint32_t position);
    bool enterName(uint32_t container, uint32_t name);
};

csimdjson_result csimdjson_parser::parse(const uint8_t *bytes, size_t count, bool padded) {
    failure = {CSIMDJSON_OK, 0};
    nodeCount = 0;
    unescapedCount = 0;
    if (count > bytesMax) return {CSIMDJSON_TOO_LARGE, bytesMax};
    if (count == 0) return {CSIMDJSON_TRUNCATED, 0};
    length = uint32_t(count);
    source = bytes;
    if (!padded) {
        if (!copy.reserve(count + CSIMDJSON_PADDING)) return {CSIMDJSON_NO_MEMORY, 0};
        memcpy(copy.start, bytes, count);
        source = copy.start;
    }
    if (!reserve()) return {CSIMDJSON_NO_MEMORY, 0};
    if (count >= 3 && memcmp(source, "\xEF\xBB\xBF", 3) == 0) return {CSIMDJSON_INVALID_ENCODING, 0};

    simdjson::error_code error = stage1->stage1(source, length, simdjson::stage1_mode::regular);
    if (error) {
        locateFailure(error);
    } else {
        build();
    }
    return failure;
}

/// Makes room for the first stage and the strings of `length` bytes.
bool csimdjson_parser::reserve() {
    if (!unescaped.reserve(length + CSIMDJSON_PADDING)) return false;
    if (stage1 && stage1->capacity() >= length) return true;
    size_t capacity = 4096;
    while (capacity < length) capacity *= 2;
    if (stage1) return stage1->set_capacity(capacity) == simdjson::SUCCESS;
    return simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, stage1)
        == simdjson::SUCCESS;
}

/// Finds the byte which the first stage stumbled on; it says only what was wrong.
void csimdjson_parser::locateFailure(simdjson::error_code error) {
    if (error == simdjson::MEMALLOC) {
        fail(CSIMDJSON_NO_MEMORY, 0);
        return;
    }
    bool inString = false;
    for (size_t i = 0; i < length;) {
        uint8_t c = source[i];
        int width = characterLength(source + i, length - i);
        if (width < 0 && inString) break;
        if (width <= 0) {
            fail(CSIMDJSON_INVALID_ENCODING, i);
            return;
        }
        if ((inString && c < 0x20) || (!inString && c == '\\')) {
            fail(CSIMDJSON_MALFORMED, i);
            return;
        }
        if (c == '"') inString = !inString;
        // The byte behind a backslash may begin a character: it is looked at unless it is ASCII.
        bool skipsNext = c == '\\' && i + 1 < length && source[i + 1] < 0x80 && source[i + 1] >= 0x20;
        i += size_t(width) + (skipsNext ? 1 : 0);
    }
    if (inString || error == simdjson::EMPTY) {
        fail(CSIMDJSON_TRUNCATED, length);
    } else {
        fail(CSIMDJSON_MALFORMED, 0);
    }
}

/// The second stage: from structural characters to nodes, in one pass without recursion.
bool csimdjson_parser::build() {
    const uint32_t *structural = stage1->structural_indexes.get();
    const uint32_t structuralCount = stage1->n_structural_indexes;
    uint32_t next = 0, depth = 0, position = 0;

    // A node takes one structural character, a member at least two.
    size_t nodesNeeded = structuralCount < nodesMax ? structuralCount : nodesMax;
    if (!nodes.reserve(nodesNeeded)) return fail(CSIMDJSON_NO_MEMORY, 0);
    size_t namesSize = 64;
    while (namesSize < nodesNeeded / 2 + 2) namesSize *= 2;
    if (!names.reserve(namesSize)) return fail(CSIMDJSON_NO_MEMORY, 0);
    namesMask = uint32_t(namesSize - 1);
    if (++generation == 0) {
        memset(names.start, 0, names.capacity * sizeof(NameEntry));
        generation = 1;
    }

value:
    if (next == structuralCount) return fail(CSIMDJSON_TRUNCATED, length);
    position = structural[next++];
    if (nodeCount == nodesMax) return fail(CSIMDJSON_TOO_MANY_NODES, position);
    switch (source[position]) {
    case '{':
        if (depth == depthMax) return fail(CSIMDJSON_TOO_DEEP, position);
        containers.start[depth++] = nodeCount;
        push(CSIMDJSON_OBJECT, position);
        if (next < structuralCount && source[structural[next]] == '}') {
            next++;
            goto close;
        }
        goto name;
    case '[':
        if (depth == depthMax) return fail(CSIMDJSON_TOO_DEEP, position);
        containers.start[depth++] = nodeCount;
        push(CSIMDJSON_ARRAY, position);
        if (next < structuralCount && source[structural[next]] == ']') {
            next++;
            goto close;
        }
        goto value;
    case '"':
        if (!string(position)) return false;
        break;
    case 't':
        if (!literal(CSIMDJSON_TRUE, "true", position)) return false;
        break;
    case 'f':
        if (!literal(CSIMDJSON_FALSE, "false", position)) return false;
        break;
    case 'n':
        if (!literal(CSIMDJSON_NULL, "null", position)) return false;
        break;
    default:
        if (!number(position)) return false;
    }

after:
    if (depth == 0) {
        return next == structuralCount ? true : fail(CSIMDJSON_MALFORMED, structural[next]);
    }
    if (next == structuralCount) return fail(CSIMDJSON_TRUNCATED, length);
    position = structural[next++];
    {
        csimdjson_node &container = nodes.start[containers.start[depth - 1]];
        container.length++;
        bool isObject = container.kind == CSIMDJSON_OBJECT;
        if (source[position] == (isObject ? '}' : ']')) goto close;
        if (source[position] != ',') return fail(CSIMDJSON_MALFORMED, position);
        if (!isObject) goto value;
    }

name:
    if (next == structuralCount) return fail(CSIMDJSON_TRUNCATED, length);
    position = structural[next++];
    if (source[position] != '"') return fail(CSIMDJSON_MALFORMED, position);
    if (nodeCount == nodesMax) return fail(CSIMDJSON_TOO_MANY_NODES, position);
    if (!string(position) || !enterName(containers.start[depth - 1], nodeCount - 1)) return false;
    if (next == structuralCount) return fail(CSIMDJSON_TRUNCATED, length);
    position = structural[next++];
    if (source[position] != ':') return fail(CSIMDJSON_MALFORMED, position);
    goto value;

close:
    depth--;
    nodes.start[containers.start[depth]].span = nodeCount - containers.start[depth];
    goto after;
}

/// A string whose opening quote is at `position`. Reads up to seven bytes of padding.
bool csimdjson_parser::string(uint32_t position) {
    const uint8_t *start = source + position + 1, *end = source + length, *p = start;
    while (p < end) {
        uint64_t word = load8(p);
        if (has(word, '"') | has(word, '\\')) break;
        p += 8;
    }
    while (p < end && *p != '"' && *p != '\\') p++;
    if (p >= end) return fail(CSIMDJSON_TRUNCATED, length);
    csimdjson_node &node = push(CSIMDJSON_STRING, position);
    if (*p == '\\') return unescape(node, p);
    node.text = start;
    node.length = uint32_t(p - start);
    return true;
}

/// A string whose first escape is at `escape`. Never longer than in the source, so `unescaped` has room.
bool csimdjson_parser::unescape(csimdjson_node &node, const uint8_t *escape) {
    const uint8_t *p = source + node.offset + 1, *end = source + length;
    uint8_t *start = unescaped.start + unescapedCount, *output = start;
    memcpy(output, p, size_t(escape - p));
    output += escape - p;
    p = escape;
    while (p < end && *p != '"') {
        if (*p != '\\') {
            *output++ = *p++;
            continue;
        }
        if (end - p < 2) break;
        switch (p[1]) {
        case '"': *output++ = '"'; break;
        case '\\': *output++ = '\\'; break;
        case '/': *output++ = '/'; break;
        case 'b': *output++ = '\b'; break;
        case 'f': *output++ = '\f'; break;
        case 'n': *output++ = '\n'; break;
        case 'r': *output++ = '\r'; break;
        case 't': *output++ = '\t'; break;
        case 'u': {
            const uint8_t *character = p;
            uint32_t unit = 0, low = 0;
            if (!codeUnit(p, unit)) return false;
            if (unit == 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) {
                return fail(CSIMDJSON_INVALID_ENCODING, size_t(character - source));
            }
            if (unit >= 0xD800 && unit <= 0xDBFF) {
                p += 6;
                if (p >= end || *p != '\\' || (end - p > 1 && p[1] != 'u')) {
                    return fail(CSIMDJSON_INVALID_ENCODING, size_t(character - source));
                }
                if (!codeUnit(p, low)) return false;
                if (low < 0xDC00 || low > 0xDFFF) {
                    return fail(CSIMDJSON_INVALID_ENCODING, size_t(character - source));
                }
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            }
            if (unit < 0x80) {
                *output++ = uint8_t(unit);
            } else if (unit < 0x800) {
                *output++ = uint8_t(0xC0 | unit >> 6);
                *output++ = uint8_t(0x80 | (unit & 0x3F));
            } else if (unit < 0x10000) {
                *output++ = uint8_t(0xE0 | unit >> 12);
                *output++ = uint8_t(0x80 | (unit >> 6 & 0x3F));
                *output++ = uint8_t(0x80 | (unit & 0x3F));
            } else {
                *output++ = uint8_t(0xF0 | unit >> 18);
                *output++ = uint8_t(0x80 | (unit >> 12 & 0x3F));
                *output++ = uint8_t(0x80 | (unit >> 6 & 0x3F));
                *output++ = uint8_t(0x80 | (unit & 0x3F));
            }
            p += 4;
            break;
        }
        default: return fail(CSIMDJSON_MALFORMED, size_t(p - source));
        }
        p += 2;
    }
    if (p >= end || *p != '"') return fail(CSIMDJSON_TRUNCATED, length);
    node.text = start;
    node.length = uint32_t(output - start);
    unescapedCount += node.length;
    return true;
}

/// The four hexadecimal digits of the escape at `escape`.
bool csimdjson_parser::codeUnit(const uint8_t *escape, uint32_t &unit) {
    unit = 0;
    for (int i = 2; i < 6; i++) {
        if (escape + i >= source + length) return fail(CSIMDJSON_TRUNCATED, length);
        int digit = hexDigit(escape[i]);
        if (digit < 0) return fail(CSIMDJSON_MALFORMED, size_t(escape + i - source));
        unit = unit << 4 | uint32_t(digit);
    }
    return true;
}

/// A number, or nothing that JSON knows. RFC 8259, section 6.
bool csimdjson_parser::number(uint32_t position) {
    const uint8_t *start = source + position, *end = source + length, *p = start;
    auto broken = [&] {
        return p < end ? fail(CSIMDJSON_MALFORMED, size_t(p - source)) : fail(CSIMDJSON_TRUNCATED, length);
    };
    bool isNegative = *p == '-';
    if (isNegative) p++;
    const uint8_t *digits = p;
    uint64_t magnitude = 0;
    if (p >= end || !isDigit(*p)) return broken();
    // Nineteen digits fit in 64 bits; a longer number is no Int64, and what wraps here is never used.
    while (p < end && isDigit(*p)) magnitude = magnitude * 10 + uint64_t(*p++ - '0');
    ptrdiff_t digitCount = p - digits;
    if (*digits == '0' && digitCount > 1) return fail(CSIMDJSON_MALFORMED, size_t(digits + 1 - source));
    bool isInteger = digitCount <= 19 && magnitude <= uint64_t(INT64_MAX) + (isNegative ? 1 : 0);
    if (p < end && *p == '.') {
        isInteger = false;
        p++;
        if (p >= end || !isDigit(*p)) return broken();
        while (p < end && isDigit(*p)) p++;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        isInteger = false;
        p++;
        if (p < end && (*p == '+' || *p == '-')) p++;
        if (p >= end || !isDigit(*p)) return broken();
        while (p < end && isDigit(*p)) p++;
    }
    if (p < end && !endsScalar(*p)) return broken();
    csimdjson_node &node = push(CSIMDJSON_NUMBER, position);
    node.text = start;
    node.length = uint32_t(p - start);
    node.is_integer = isInteger;
    node.integer = isInteger ? int64_t(isNegative ? 0 - magnitude : magnitude) : 0;
    return true;
}

/// One of the three names that JSON has for values.
bool csimdjson_parser::literal(csimdjson_kind kind, const char *text, uint32_t position) {
    uint32_t count = uint32_t(strlen(text));
    for (uint32_t i = 0; i < count; i++) {
        if (position + i == length) return fail(CSIMDJSON_TRUNCATED, length);
        if (source[position + i] != uint8_t(text[i])) return fail(CSIMDJSON_MALFORMED, position + i);
    }
    if (position + count < length && !endsScalar(source[position + count])) {
        return fail(CSIMDJSON_MALFORMED, position + count);
    }
    push(kind, position);
    return true;
}

/// Enters a name into the table, and fails when its object has it already. Names are compared unescaped.
/// Reads up to seven bytes behind the name: padding of the source, or of the unescaped strings.
bool csimdjson_parser::enterName(uint32_t container, uint32_t name) {
    const csimdjson_node &node = nodes.start[name];
    uint64_t state = seed ^ (uint64_t(container) << 32 | node.length);
    const uint8_t *p = node.text;
    for (uint32_t left = node.length; left > 0;) {
        uint32_t width = left < 8 ? left : 8;
        uint64_t word = load8(p) & (~uint64_t(0) >> (64 - 8 * width));
        unsigned __int128 product = (unsigned __int128)(state ^ word) * 0x9E3779B97F4A7C15;
        state = uint64_t(product) ^ uint64_t(product >> 64) ^ seed;
        p += width;
        left -= width;
    }
    uint32_t hash = uint32_t(state ^ state >> 32);
    for (uint32_t slot = hash & namesMask;; slot = (slot + 1) & namesMask) {
        NameEntry &entry = names.start[slot];
        if (entry.generation != generation) {
            entry = {generation, hash, container, name};
            return true;
        }
        const csimdjson_node &other = nodes.start[entry.node];
        if (entry.hash == hash && entry.container == container && other.length == node.length
            && memcmp(other.text, node.text, node.length) == 0) {
            return fail(CSIMDJSON_DUPLICATE_MEMBER, node.offset);
        }
    }
}

extern "C" csimdjson_parser *csimdjson_parser_create(
    uint32_t bytes_max, uint32_t depth_max, uint32_t nodes_max, uint64_t seed) {
    auto *parser = new (std::nothrow) csimdjson_parser(bytes_max, depth_max, nodes_max, seed);
    if (parser && !parser->containers.reserve(depth_max)) {
        delete parser;
        return nullptr;
    }
    return parser;
}

extern "C" void csimdjson_parser_destroy(csimdjson_parser *parser) { delete parser; }

extern "C" csimdjson_result csimdjson_parse(
    csimdjson_parser *parser, const uint8_t *bytes, size_t count, bool padded) {
    return parser->parse(bytes, count, padded);
}

extern "C" const csimdjson_node *csimdjson_nodes(const csimdjson_parser *parser) { return parser->nodes.start; }

extern "C" uint32_t csimdjson_find(const csimdjson_node *object, const uint8_t *name, size_t count) {
    const csimdjson_node *node = object + 1;
    for (uint32_t left = object->length; left > 0; left--) {
        if (node->length == count && (count == 0 || memcmp(node->text, name, count) == 0)) {
            return uint32_t(node + 1 - object);
        }
        node += 1 + node[1].span;
    }
    return 0;
}
