// Private to this folder: finds the brackets of a JSON text that are outside of strings, in many
// blocks of 64 bytes with one call. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

namespace capstan::json {

// The string state at one position of a scan, which can continue in the next piece of a text.
struct StringState {
  bool in_string = false;
  bool escaped = false;  // the next byte of the string is literal
};

inline constexpr std::size_t kBracketBlock = 64;

// The brackets of both kinds in one block: a bit for each of its bytes, and how many there are. Not
// initialized, since arrays of it are overwritten.
struct BracketBlock {
  std::uint64_t opening, closing;
  std::uint32_t opened, closed;
};

// Examines up to `count` blocks from `at`, and stops before a block with a backslash outside of
// strings, which escapes nothing: such a text is not JSON. Returns the number of blocks examined;
// `state` is then the one after them.
using FindInBlocks = std::size_t (*)(const char* at, std::size_t count, StringState& state,
                                     BracketBlock* found);

// The one for every processor, and the quickest for this one: a third of the instructions with
// AVX2.
FindInBlocks FindInBlocksAnywhere();
FindInBlocks FindInBlocksHere();

}  // namespace capstan::json
