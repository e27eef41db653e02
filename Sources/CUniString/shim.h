#include <stdint.h>
#include <unicase.h>
#include <uninorm.h>

// The normal forms are macros that take an address, which Swift doesn't see.

/// The text in Normalization Form C, in memory of malloc's; NULL where there is none to be had.
static inline uint8_t *paraplu_nfc(const uint8_t *text, size_t count, size_t *result) {
    return u8_normalize(UNINORM_NFC, text, count, NULL, result);
}

/// The text case-folded and in Normalization Form C, in memory of malloc's; NULL where there is none to be had.
static inline uint8_t *paraplu_fold(const uint8_t *text, size_t count, size_t *result) {
    return u8_casefold(text, count, NULL, UNINORM_NFC, NULL, result);
}
