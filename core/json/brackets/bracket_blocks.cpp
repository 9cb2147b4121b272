#include <capstan/core/json/brackets/bracket_blocks.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace capstan::json {
namespace {

// One bit for each byte of a block. `opening` and `closing` are brackets of both kinds.
struct Masks {
  std::uint64_t quotes, backslashes, opening, closing;
};

// Bit i is the parity of bits 0 to i: set from an opening quote up to before the closing one.
inline std::uint64_t Parity(std::uint64_t bits) {
#pragma GCC unroll 6
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

// Not every x86-64 has an instruction for it.
inline std::uint32_t Count(std::uint64_t bits) {
  bits -= bits >> 1 & 0x5555555555555555U;
  bits = (bits & 0x3333333333333333U) + (bits >> 2 & 0x3333333333333333U);
  return static_cast<std::uint32_t>(((bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fU) * 0x0101010101010101U >> 56);
}

// Returns one bit for each byte that the backslash before it escapes. `carried` tells whether the
// last byte of the previous block is such a backslash, and is set for the next block.
//
// In a row of backslashes every second byte is escaped, from the second on up to the one behind the
// row: those at odd places if the row begins at an even one, and the other way round. Adding the
// beginnings of some rows to all of them clears exactly those rows.
inline std::uint64_t Escaped(std::uint64_t backslashes, bool& carried) {
  if (backslashes == 0 && !carried) return 0;
  constexpr std::uint64_t kEven = 0x5555555555555555U;
  const std::uint64_t first = carried ? 1 : 0;
  const std::uint64_t rows = backslashes & ~first;
  const std::uint64_t from_even = rows & ~(rows + (rows & ~(rows << 1) & kEven));
  const std::uint64_t from_odd = rows & ~from_even;
  carried = from_odd >> 63 != 0;
  return first | (from_even << 1 & ~kEven) | (from_odd << 1 & kEven);
}

// The loop over blocks, with the instructions of `Processor`; inlined into functions that may use
// them.
template <class Processor>
[[gnu::always_inline]] inline std::size_t FindWith(const char* at, std::size_t count, StringState& state,
                                                   BracketBlock* found) {
  for (std::size_t i = 0; i < count; ++i, at += kBracketBlock) {
    const Masks masks = Processor::Classify(at);
    bool escaped = state.escaped;
    const std::uint64_t quotes = masks.quotes & ~Escaped(masks.backslashes, escaped);
    const std::uint64_t inside = Processor::Parity(quotes) ^ (state.in_string ? ~std::uint64_t{0} : 0);
    if ((masks.backslashes & ~inside) != 0) return i;
    const std::uint64_t opening = masks.opening & ~inside, closing = masks.closing & ~inside;
    found[i] = {opening, closing, Processor::Count(opening), Processor::Count(closing)};
    state = {(inside >> 63) != 0, escaped};
  }
  return count;
}

#if defined(__x86_64__)

// What every x86-64 has.
struct Sse2 {
  static std::uint64_t Bits(__m128i bytes, int part) {
    return static_cast<std::uint64_t>(static_cast<std::uint16_t>(_mm_movemask_epi8(bytes))) << (16 * part);
  }
  static Masks Classify(const char* at) {
    Masks masks{};
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
  static std::uint64_t Parity(std::uint64_t bits) { return json::Parity(bits); }
  static std::uint32_t Count(std::uint64_t bits) { return json::Count(bits); }
};

std::size_t FindWithSse2(const char* at, std::size_t count, StringState& state, BracketBlock* found) {
  return FindWith<Sse2>(at, count, state, found);
}

#define CAPSTAN_WITH_AVX2 __attribute__((target("avx2,pclmul,popcnt")))

// The same, 32 bytes at a time.
struct Avx2 {
  CAPSTAN_WITH_AVX2 static std::uint64_t Bits(__m256i low, __m256i high) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(high))) << 32;
  }
  CAPSTAN_WITH_AVX2 static Masks Classify(const char* at) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
    const __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\');
    const __m256i folding = _mm256_set1_epi8(0x20);
    const __m256i opening = _mm256_set1_epi8('{'), closing = _mm256_set1_epi8('}');
    const __m256i low_folded = _mm256_or_si256(low, folding), high_folded = _mm256_or_si256(high, folding);
    return {Bits(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote)),
            Bits(_mm256_cmpeq_epi8(low, backslash), _mm256_cmpeq_epi8(high, backslash)),
            Bits(_mm256_cmpeq_epi8(low_folded, opening), _mm256_cmpeq_epi8(high_folded, opening)),
            Bits(_mm256_cmpeq_epi8(low_folded, closing), _mm256_cmpeq_epi8(high_folded, closing))};
  }
  // A carry-less product with all ones.
  CAPSTAN_WITH_AVX2 static std::uint64_t Parity(std::uint64_t bits) {
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(bits)),
                                                 _mm_set1_epi8(static_cast<char>(0xff)), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
  }
  CAPSTAN_WITH_AVX2 static std::uint32_t Count(std::uint64_t bits) {
    return static_cast<std::uint32_t>(__builtin_popcountll(bits));
  }
};

CAPSTAN_WITH_AVX2 std::size_t FindWithAvx2(const char* at, std::size_t count, StringState& state,
                                           BracketBlock* found) {
  return FindWith<Avx2>(at, count, state, found);
}

#undef CAPSTAN_WITH_AVX2

#else

struct Portable {
  static Masks Classify(const char* at) {
    Masks masks{};
    for (std::size_t i = 0; i < kBracketBlock; ++i) {
      const std::uint64_t bit = std::uint64_t{1} << i;
      const char c = at[i];
      if (c == '"') masks.quotes |= bit;
      if (c == '\\') masks.backslashes |= bit;
      if (c == '{' || c == '[') masks.opening |= bit;
      if (c == '}' || c == ']') masks.closing |= bit;
    }
    return masks;
  }
  static std::uint64_t Parity(std::uint64_t bits) { return json::Parity(bits); }
  static std::uint32_t Count(std::uint64_t bits) { return json::Count(bits); }
};

std::size_t FindPortably(const char* at, std::size_t count, StringState& state, BracketBlock* found) {
  return FindWith<Portable>(at, count, state, found);
}

#endif

}  // namespace

#if defined(__x86_64__)
FindInBlocks FindInBlocksAnywhere() { return FindWithSse2; }
FindInBlocks FindInBlocksHere() {
  const bool avx2 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("popcnt");
  return avx2 ? FindWithAvx2 : FindWithSse2;
}
#else
FindInBlocks FindInBlocksAnywhere() { return FindPortably; }
FindInBlocks FindInBlocksHere() { return FindPortably; }
#endif

}  // namespace capstan::json
