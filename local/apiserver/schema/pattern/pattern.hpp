// Regular expressions in Go's syntax (RE2), which is what Kubernetes means by `pattern` and
// `matches`.
//
// Matching takes time linear in the text, whatever the pattern: the automaton is built lazily, in
// at most 64 MB. Patterns that would need more states are refused ("expression too large"). Back
// references and look-around are not supported, as in Go. A Pattern is immutable; thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include <capstan/core/base/result.hpp>

namespace re2 {
class RE2;
}

namespace capstan::apiserver {

class Pattern final {
 public:
  // Errors: kInvalidArgument in Go's words, such as "error parsing regexp: missing closing ]: `[`".
  static Result<std::shared_ptr<const Pattern>> Compile(std::string_view source);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  // Whether any part of `text` matches.
  bool Matches(std::string_view text) const;
  // The leftmost match that starts at byte `from` or later, as a view into `text`.
  std::optional<std::string_view> Find(std::string_view text, std::size_t from) const;

 private:
  explicit Pattern(std::unique_ptr<re2::RE2> program);
  std::unique_ptr<re2::RE2> program_;
};

}  // namespace capstan::apiserver
