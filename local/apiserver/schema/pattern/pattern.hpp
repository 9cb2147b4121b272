// Regular expressions as Go knows them (RE2's syntax), because that is what Kubernetes means by
// `pattern` and `matches`.
//
// Matching goes through all states at once: time is at most length of text times size of pattern,
// the stack stays flat, and no input can explode. Back references and look-around do not exist, as
// in Go; classes of Unicode properties (\pL) are refused. A Pattern never changes; thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::apiserver {

class Pattern final {
 public:
  // Errors: kInvalidArgument in Go's words, as in "error parsing regexp: missing closing ]: `[`".
  static Result<std::shared_ptr<const Pattern>> Compile(std::string_view source);

  // Whether any part of `text` matches. Bytes that are not UTF-8 count as U+FFFD.
  bool Matches(std::string_view text) const;

  // What a state of the machine does; for pattern files only.
  enum class Step : std::uint8_t {
    kRanges,
    kSplit,
    kJump,
    kBegin,
    kEnd,
    kLineBegin,
    kLineEnd,
    kWord,
    kNotWord,
    kMatch
  };
  struct Range {
    std::uint32_t low, high;
  };
  struct State {
    Step step = Step::kMatch;
    std::uint32_t next = 0, other = 0;
    std::vector<Range> ranges = {};  // of code points, for kRanges
  };

 private:
  explicit Pattern(std::vector<State> states) : states_(std::move(states)) {}
  std::vector<State> states_;  // starts at 0
};

}  // namespace capstan::apiserver
