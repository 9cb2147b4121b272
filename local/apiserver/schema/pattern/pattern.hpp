// Regular expressions as Go knows them (RE2's syntax), because that is what Kubernetes means by
// `pattern` and `matches`.
//
// Matching takes time linear in the text, whatever the pattern: an automaton that is built while it
// runs, in at most 64 MB. Patterns that would need more states than that holds are refused
// ("expression too large"). Back references and look-around do not exist, as in Go. A Pattern never
// changes; thread-safe.
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
  // Errors: kInvalidArgument in Go's words, as in "error parsing regexp: missing closing ]: `[`".
  static Result<std::shared_ptr<const Pattern>> Compile(std::string_view source);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  // Whether any part of `text` matches.
  bool Matches(std::string_view text) const;
  // The leftmost match that begins at byte `from` or later, as a part of `text`.
  std::optional<std::string_view> Find(std::string_view text, std::size_t from) const;

 private:
  explicit Pattern(std::unique_ptr<re2::RE2> program);
  std::unique_ptr<re2::RE2> program_;
};

}  // namespace capstan::apiserver
