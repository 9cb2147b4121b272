// A regular expression as a tree, before it becomes states. For the pattern files only. Values;
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/local/apiserver/schema/pattern/pattern.hpp>

namespace capstan::apiserver {

struct PatternTree {
  enum class Kind { kEmpty, kRanges, kAssert, kSequence, kChoice, kRepeat };
  Kind kind = Kind::kEmpty;
  std::vector<Pattern::Range> ranges;
  Pattern::Step assertion = Pattern::Step::kBegin;
  std::vector<PatternTree> parts;  // of kSequence, kChoice; the one of kRepeat
  int least = 0;
  int most = -1;  // -1: any number
};

// Errors: kInvalidArgument in Go's words.
Result<PatternTree> ParsePattern(std::string_view source);

// Reads one rune at `at` and moves on; U+FFFD for a bad byte. REQUIRES: at < text.size().
std::uint32_t NextRune(std::string_view text, std::size_t& at);

}  // namespace capstan::apiserver
