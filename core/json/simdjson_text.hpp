// Private to this folder: shared by all users of simdjson. Includes simdjson; for sources only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <simdjson.h>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/numbers.hpp>

namespace capstan::json {

// simdjson counts a top-level scalar as depth 0 and rejects depth == limit, therefore one more.
inline std::size_t SimdjsonDepth(int depth) { return static_cast<std::size_t>(depth < 1 ? 1 : depth) + 1; }

// Converts a simdjson error: `code` for malformed text, kTooLarge for nesting and size.
inline Failure FailedText(simdjson::error_code error, Code code, std::string_view what) {
  std::string message(what);
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return Fail(Code::kTooLarge, message + " is nested too deeply");
    case simdjson::CAPACITY:
      return Fail(Code::kTooLarge, message + " is larger than a JSON document may be");
    case simdjson::EMPTY:
      return Fail(code, message + " is not JSON: it is empty");
    case simdjson::NUMBER_ERROR:
      return Fail(code,
                  message + " is not JSON we can hold: a number is malformed or beyond what a double holds");
    case simdjson::UTF8_ERROR:
      return Fail(code, message + " is not JSON: it contains bytes that are not UTF-8");
    case simdjson::UNCLOSED_STRING:
      return Fail(code, message + " is not JSON: a string is not closed");
    case simdjson::STRING_ERROR:
      return Fail(code, message + " is not JSON: a string has a bad escape");
    default:
      return Fail(code, message + " is not JSON: " + simdjson::error_message(error));
  }
}

// Lends a parser for its own lifetime, with the buffers of the previous one of this thread: the
// memory is reused, but its contents are never readable.
class LentParser {
 public:
  LentParser() : parser_(std::move(Kept())) {
    if (!parser_) parser_ = std::make_unique<simdjson::dom::parser>();
  }
  ~LentParser() {
    if (parser_->capacity() <= kMostKept) Kept() = std::move(parser_);
  }
  LentParser(const LentParser&) = delete;
  LentParser& operator=(const LentParser&) = delete;
  simdjson::dom::parser& operator*() { return *parser_; }

 private:
  // In bytes of text; the buffers are about ten times as large, and every thread of a process may
  // have them.
  static constexpr std::size_t kMostKept = 16 << 10;
  static std::unique_ptr<simdjson::dom::parser>& Kept() {
    static thread_local std::unique_ptr<simdjson::dom::parser> kept;
    return kept;
  }
  std::unique_ptr<simdjson::dom::parser> parser_;
};

// Parses into `parser`, which owns the result. `depth`: maximum levels of nesting. Whole numbers
// beyond 64 bits, which simdjson rejects, become doubles.
inline simdjson::error_code ParseDom(simdjson::dom::parser& parser, std::string_view text, int depth,
                                     simdjson::dom::element& root) {
  // Reallocating costs as much as parsing a small text.
  const std::size_t room = std::max<std::size_t>({text.size(), parser.capacity(), 32});
  if (parser.capacity() < room || parser.max_depth() != SimdjsonDepth(depth)) {
    if (const auto error = parser.allocate(room, SimdjsonDepth(depth)); error) return error;
  }
  const auto error = parser.parse(text.data(), text.size(), true).get(root);
  if (error != simdjson::NUMBER_ERROR || !MayHaveWideNumbers(text)) return error;
  const std::string widened = WithoutWideNumbers(text);
  if (parser.capacity() < widened.size()) {
    if (const auto full = parser.allocate(widened.size(), SimdjsonDepth(depth)); full) return full;
  }
  return parser.parse(widened.data(), widened.size(), true).get(root);
}

// Building, copying and destroying a tree are recursive; any thread's stack has room for this many
// levels.
inline constexpr int kDeepestTree = 1024;

// Parses a text that will become a tree. Errors: kInvalidArgument with the reason; kTooLarge above
// `depth` levels, or kDeepestTree.
inline Status ParseForTree(simdjson::dom::parser& parser, std::string_view text, int depth,
                           simdjson::dom::element& root) {
  if (const auto error = ParseDom(parser, text, std::min(depth, kDeepestTree), root); error)
    return FailedText(error, Code::kInvalidArgument, "the text");
  return {};
}

inline Failure NotAnObject() { return Fail(Code::kInvalidArgument, "the text is JSON, but not an object"); }

}  // namespace capstan::json
