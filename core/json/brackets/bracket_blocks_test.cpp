#include <capstan/core/json/brackets/bracket_blocks.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace capstan::json {
namespace {

constexpr std::size_t kBlocks = 8;

// Byte by byte. Stops as FindInBlocks does.
std::size_t FindByBytes(const char* at, StringState& state, std::vector<BracketBlock>& found) {
  for (std::size_t i = 0; i < kBlocks; ++i, at += kBracketBlock) {
    StringState after = state;
    BracketBlock block{0, 0, 0, 0};
    for (std::size_t k = 0; k < kBracketBlock; ++k) {
      const char c = at[k];
      if (after.escaped) {
        after.escaped = false;
      } else if (after.in_string) {
        after.escaped = c == '\\';
        after.in_string = c != '"';
      } else if (c == '"') {
        after.in_string = true;
      } else if (c == '\\') {
        return i;
      } else if (c == '{' || c == '[') {
        block.opening |= std::uint64_t{1} << k;
        ++block.opened;
      } else if (c == '}' || c == ']') {
        block.closing |= std::uint64_t{1} << k;
        ++block.closed;
      }
    }
    state = after;
    found.push_back(block);
  }
  return kBlocks;
}

TEST(BracketBlocks, AreTheSameOnEveryProcessorAndByteByByte) {
  std::mt19937 random(11);
  // Bytes that look alike when a bit of theirs is ignored are among them.
  const std::string others = "aZ:, 019\x01\x7f\xc3\xa4;=\x02[{]}";
  for (int round = 0; round < 20'000; ++round) {
    const auto backslashes = random() % 8, quotes = 1 + random() % 12;
    std::string text;
    bool in_string = false;
    while (text.size() < kBlocks * kBracketBlock) {
      const auto dice = random() % 100;
      if (dice < quotes) {
        in_string = !in_string;
        text += '"';
      } else if (dice < quotes + backslashes && (in_string || random() % 200 == 0)) {
        text += '\\';
        if (random() % 2 == 0) text += random() % 2 == 0 ? '"' : '\\';
      } else {
        text += others[random() % others.size()];
      }
    }
    const bool inside = random() % 2 == 0;
    const StringState before{inside, inside && random() % 4 == 0};
    StringState expected_state = before;
    std::vector<BracketBlock> expected;
    const std::size_t expected_count = FindByBytes(text.data(), expected_state, expected);
    for (const FindInBlocks find : {FindInBlocksAnywhere(), FindInBlocksHere()}) {
      StringState state = before;
      std::vector<BracketBlock> found(kBlocks);
      const std::size_t count = find(text.data(), kBlocks, state, found.data());
      ASSERT_EQ(count, expected_count) << text;
      ASSERT_EQ(state.in_string, expected_state.in_string) << text;
      ASSERT_EQ(state.escaped, expected_state.escaped) << text;
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(found[i].opening, expected[i].opening) << i << text;
        ASSERT_EQ(found[i].closing, expected[i].closing) << i << text;
        ASSERT_EQ(found[i].opened, expected[i].opened) << i << text;
        ASSERT_EQ(found[i].closed, expected[i].closed) << i << text;
      }
    }
  }
}

}  // namespace
}  // namespace capstan::json
