// Private to this folder: iterates over the brackets of a JSON text that are outside of strings, 64
// bytes at a time. Nine tenths of a document are neither brackets nor quotes and are never examined
// one by one. Pure; thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <capstan/core/json/brackets/bracket_blocks.hpp>

namespace capstan::json {

inline constexpr std::string_view kBlank = " \t\r\n";  // whitespace between two tokens

// For WalkBrackets: every bracket is visited.
struct OneByOne {};

namespace brackets_detail {

// Byte by byte up to `end`. `at` becomes `end`, or the position after a bracket for which `visit`
// returned false; then this is false.
template <class Visit>
bool WalkBytes(std::string_view text, std::size_t& at, std::size_t end, StringState& state,
               const Visit& visit) {
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
      if (visit(c, at + 1)) continue;
      ++at;
      return false;
    }
  }
  return true;
}

}  // namespace brackets_detail

// Calls `visit(bracket, behind)` for each bracket at or after `at` that is outside of strings,
// until it returns false; `behind` is the position after the bracket. Returns where it stopped:
// that position, or the end.
// Where `block(opening, closing)` returns true for the numbers of brackets in the next 64 bytes, it
// has taken account of them, and they are not visited.
template <class Visit, class Block = OneByOne>
std::size_t WalkBrackets(std::string_view text, std::size_t at, StringState& state, const Visit& visit,
                         const Block& block = {}) {
  static const FindInBlocks find = FindInBlocksHere();
  // Few at first: most values are short.
  constexpr std::size_t kFirst = 2, kMost = 16;
  std::array<BracketBlock, kMost> found;
  for (std::size_t ahead = kFirst; text.size() - at >= kBracketBlock; ahead = std::min(2 * ahead, kMost)) {
    const std::size_t count = std::min(ahead, (text.size() - at) / kBracketBlock);
    const std::size_t done = find(text.data() + at, count, state, found.data());
    for (std::size_t i = 0; i < done; ++i, at += kBracketBlock) {
      std::uint64_t left = found[i].opening | found[i].closing;
      if (left == 0) continue;
      if constexpr (!std::is_same_v<Block, OneByOne>) {
        if (block(std::size_t{found[i].opened}, std::size_t{found[i].closed})) continue;
      }
      for (; left != 0; left &= left - 1) {
        const std::size_t place = at + static_cast<std::size_t>(__builtin_ctzll(left));
        if (visit(text[place], place + 1)) continue;
        state = {};
        return place + 1;
      }
    }
    if (done < count && !brackets_detail::WalkBytes(text, at, at + kBracketBlock, state, visit)) return at;
  }
  (void)brackets_detail::WalkBytes(text, at, text.size(), state, visit);
  return at;
}

}  // namespace capstan::json
