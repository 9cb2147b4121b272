// Private to this folder: iterates over the brackets of a JSON text that are outside of strings, 64
// bytes at a time. Nine tenths of a document are neither brackets nor quotes and are never examined
// one by one. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace capstan::json {

inline constexpr std::string_view kBlank = " \t\r\n";  // whitespace between two tokens

// The string state at one position of a scan, which can continue in the next piece of a text.
struct StringState {
  bool in_string = false;
  bool escaped = false;  // the next byte of the string is literal
};

namespace brackets_detail {

constexpr std::size_t kBlock = 64;

// One bit for each of 64 bytes. `opening` and `closing` are brackets of both kinds.
struct Masks {
  std::uint64_t quotes = 0, backslashes = 0, opening = 0, closing = 0;
};

#if defined(__SSE2__)
inline std::uint64_t Bits(__m128i bytes, int part) {
  return static_cast<std::uint64_t>(static_cast<std::uint16_t>(_mm_movemask_epi8(bytes))) << (16 * part);
}
inline Masks Classify(const char* at) {
  Masks masks;
#pragma GCC unroll 4
  for (int part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16 * part));
    masks.quotes |= Bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), part);
    masks.backslashes |= Bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')), part);
    // Folds [ to { and ] to }.
    const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    masks.opening |= Bits(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')), part);
    masks.closing |= Bits(_mm_cmpeq_epi8(folded, _mm_set1_epi8('}')), part);
  }
  return masks;
}
#else
inline Masks Classify(const char* at) {
  Masks masks;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    const char c = at[i];
    if (c == '"') masks.quotes |= bit;
    if (c == '\\') masks.backslashes |= bit;
    if (c == '{' || c == '[') masks.opening |= bit;
    if (c == '}' || c == ']') masks.closing |= bit;
  }
  return masks;
}
#endif

// Bit i is the parity of bits 0 to i: set from an opening quote up to before the closing one.
inline std::uint64_t Parity(std::uint64_t bits) {
#pragma GCC unroll 6
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

// Not every x86-64 has an instruction for it.
inline std::size_t Count(std::uint64_t bits) {
  bits -= bits >> 1 & 0x5555555555555555U;
  bits = (bits & 0x3333333333333333U) + (bits >> 2 & 0x3333333333333333U);
  return ((bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fU) * 0x0101010101010101U >> 56;
}

// Returns one bit for each byte that the backslash before it escapes. `carried` tells whether the
// last byte of the previous block is such a backslash, and is set for the next block. One iteration
// for each backslash, which are few.
inline std::uint64_t Escaped(std::uint64_t backslashes, bool& carried) {
  std::uint64_t escaped = carried ? 1 : 0;
  carried = false;
  for (std::uint64_t left = backslashes & ~escaped; left != 0;) {
    const std::uint64_t first = left & (~left + 1);
    carried = first >> 63 != 0;
    escaped |= first << 1;
    left &= ~(first | first << 1);
  }
  return escaped;
}

}  // namespace brackets_detail

// For WalkBrackets: every bracket is visited.
struct OneByOne {};

// Calls `visit(bracket, behind)` for each bracket at or after `at` that is outside of strings,
// until it returns false; `behind` is the position after the bracket. Returns where it stopped:
// that position, or the end.
// Where `block(opening, closing)` returns true for the numbers of brackets in the next 64 bytes, it
// has taken account of them, and they are not visited.
template <class Visit, class Block = OneByOne>
std::size_t WalkBrackets(std::string_view text, std::size_t at, StringState& state, const Visit& visit,
                         const Block& block = {}) {
  using namespace brackets_detail;
  while (at < text.size()) {
    std::size_t end = text.size();
    if (end - at >= kBlock) {
      end = at + kBlock;
      const Masks masks = Classify(text.data() + at);
      bool escaped = state.escaped;
      const std::uint64_t quotes = masks.quotes & ~Escaped(masks.backslashes, escaped);
      const std::uint64_t inside = Parity(quotes) ^ (state.in_string ? ~std::uint64_t{0} : std::uint64_t{0});
      // A backslash outside of strings escapes nothing; such a text is not JSON, and may be slow.
      if ((masks.backslashes & ~inside) == 0) {
        state.escaped = false;
        std::uint64_t left = (masks.opening | masks.closing) & ~inside;
        if constexpr (!std::is_same_v<Block, OneByOne>) {
          if (left != 0 && block(Count(masks.opening & ~inside), Count(masks.closing & ~inside))) left = 0;
        }
        for (; left != 0; left &= left - 1) {
          const std::size_t place = at + static_cast<std::size_t>(__builtin_ctzll(left));
          if (!visit(text[place], place + 1)) {
            state.in_string = false;
            return place + 1;
          }
        }
        state = {(inside >> 63) != 0, escaped};
        at = end;
        continue;
      }
    }
    for (; at < end; ++at) {
      const char c = text[at];
      if (state.escaped) {
        state.escaped = false;
      } else if (state.in_string) {
        state.escaped = c == '\\';
        state.in_string = c != '"';
      } else if (c == '"') {
        state.in_string = true;
      } else if (const char folded = static_cast<char>(c | 0x20); folded == '{' || folded == '}') {
        if (!visit(c, at + 1)) return at + 1;
      }
    }
  }
  return at;
}

}  // namespace capstan::json
