// Finds members and values by quotes and brackets; the texts of values are neither copied nor
// changed.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/brackets/brackets.hpp>
#include <capstan/core/json/pointer.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/json/simdjson_text.hpp>

namespace capstan::json {
namespace {

constexpr std::size_t kMembersDepth = 512;

void SkipBlanks(std::string_view text, std::size_t& at) {
  const std::size_t next = text.find_first_not_of(kBlank, at);
  at = next == std::string_view::npos ? text.size() : next;
}

// Skips from an opening quote past the closing one; false if there is none.
bool SkipString(std::string_view text, std::size_t& at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      ++at;
      return true;
    }
  }
  return false;
}

// Skips from an opening bracket past the closing one. Those in between are counted, not matched.
Status SkipNested(std::string_view text, std::size_t& at) {
  const char last = text[at] == '{' ? '}' : ']';
  std::size_t depth = 0;
  char closed_by = last;
  StringState string;
  at = WalkBrackets(
      text, at, string,
      [&](char bracket, std::size_t) {
        if (bracket == '{' || bracket == '[') return ++depth <= kMembersDepth;
        closed_by = bracket;
        return --depth != 0;
      },
      [&](std::size_t opening, std::size_t closing) {
        if (closing >= depth || depth + opening > kMembersDepth) return false;
        depth += opening - closing;
        return true;
      });
  if (depth > kMembersDepth)
    return Fail(Code::kTooLarge, StrCat("the object is nested more than ", kMembersDepth, " deep"));
  if (string.in_string) return Fail(Code::kInvalidArgument, "a string in the object is not closed");
  if (depth != 0) return Fail(Code::kInvalidArgument, "the object ends before its end");
  if (closed_by != last) return Fail(Code::kInvalidArgument, "brackets in the object do not match");
  return {};
}

// Skips from the first byte of a value past its last.
Status SkipValue(std::string_view text, std::size_t& at) {
  if (at >= text.size()) return Fail(Code::kInvalidArgument, "the object ends before its end");
  const char c = text[at];
  if (c == '{' || c == '[') return SkipNested(text, at);
  if (c == '}' || c == ']') return Fail(Code::kInvalidArgument, "brackets in the object do not match");
  if (c == '"') {
    if (!SkipString(text, at)) return Fail(Code::kInvalidArgument, "a string in the object is not closed");
    return {};
  }
  const std::size_t end = text.find_first_of(",}] \t\r\n", at);
  at = end == std::string_view::npos ? text.size() : end;
  return {};
}

Result<std::string> Unquote(std::string_view quoted) {
  if (quoted.find('\\') == std::string_view::npos) return std::string(quoted.substr(1, quoted.size() - 2));
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view text;
  if (ParseDom(parser, quoted, 1, root) || root.get(text)) {
    return Fail(Code::kInvalidArgument, "a key of the object has a bad escape");
  }
  return std::string(text);
}

// A key as written is the token itself unless it has an escape.
bool IsKey(std::string_view quoted, std::string_view token) {
  if (quoted.find('\\') == std::string_view::npos) return quoted.substr(1, quoted.size() - 2) == token;
  const auto key = Unquote(quoted);
  return key && *key == token;
}

std::optional<std::string_view> MemberOf(std::string_view object, std::string_view token) {
  std::optional<std::string_view> found;
  for (std::size_t at = 1;; ++at) {
    SkipBlanks(object, at);
    const std::size_t key = at;
    if (at >= object.size() || object[at] != '"' || !SkipString(object, at)) return found;
    const bool wanted = IsKey(object.substr(key, at - key), token);
    SkipBlanks(object, at);  // to the colon
    SkipBlanks(object, ++at);
    const std::size_t value = at;
    if (!SkipValue(object, at)) return found;
    if (wanted) found = object.substr(value, at - value);
    SkipBlanks(object, at);
    if (at >= object.size() || object[at] != ',') return found;
  }
}

std::optional<std::string_view> ElementOf(std::string_view array, std::string_view token) {
  const auto index = ParseIndex(token);
  for (std::size_t at = 1, i = 0; index; ++at, ++i) {
    SkipBlanks(array, at);
    const std::size_t value = at;
    if (!SkipValue(array, at)) return std::nullopt;
    if (i == *index) return array.substr(value, at - value);
    SkipBlanks(array, at);
    if (at >= array.size() || array[at] != ',') return std::nullopt;
  }
  return std::nullopt;
}

// Walks over the members of the object that begins at `at`, to behind its end. `value(key, at)` is
// called at the first byte of each value and moves `at` behind it; `key` has its quotes.
template <class Value>
Status WalkMembers(std::string_view text, std::size_t& at, const Value& value) {
  const auto bad = [](std::string_view what) { return Fail(Code::kInvalidArgument, std::string(what)); };
  if (at >= text.size() || text[at] != '{') return bad("the text is not a JSON object");
  ++at;
  for (bool first = true;; first = false) {
    SkipBlanks(text, at);
    if (first && at < text.size() && text[at] == '}') break;
    const std::size_t key = at;
    if (at >= text.size() || text[at] != '"' || !SkipString(text, at)) return bad("the object lacks a key");
    const std::string_view quoted = text.substr(key, at - key);
    SkipBlanks(text, at);
    if (at >= text.size() || text[at] != ':') return bad("a key of the object has no value");
    SkipBlanks(text, ++at);
    const std::size_t begin = at;
    CAPSTAN_RETURN_IF_ERROR(value(quoted, at));
    if (at == begin) return bad("a key of the object has no value");
    SkipBlanks(text, at);
    if (at < text.size() && text[at] == '}') break;
    if (at >= text.size() || text[at] != ',') return bad("the object lacks a comma or its end");
    ++at;
  }
  ++at;
  return {};
}

// A whole text that is one object.
template <class Value>
Status WalkObject(std::string_view text, const Value& value) {
  std::size_t at = 0;
  SkipBlanks(text, at);
  CAPSTAN_RETURN_IF_ERROR(WalkMembers(text, at, value));
  SkipBlanks(text, at);
  if (at != text.size()) return Fail(Code::kInvalidArgument, "something follows the object");
  return {};
}

}  // namespace

Result<std::vector<std::pair<std::string, std::string_view>>> Members(std::string_view object) {
  std::vector<std::pair<std::string, std::string_view>> members;
  members.reserve(4);
  CAPSTAN_RETURN_IF_ERROR(WalkObject(object, [&](std::string_view quoted, std::size_t& at) -> Status {
    CAPSTAN_TRY(std::string key, Unquote(quoted));
    const std::size_t begin = at;
    CAPSTAN_RETURN_IF_ERROR(SkipValue(object, at));
    members.emplace_back(std::move(key), object.substr(begin, at - begin));
    return {};
  }));
  return members;
}

std::optional<std::string_view> FindInParsed(std::string_view document, std::string_view pointer) {
  const auto tokens = ParsePointer(pointer);
  if (!tokens) return std::nullopt;
  std::size_t begin = 0;
  SkipBlanks(document, begin);
  std::optional<std::string_view> value = document.substr(begin);
  if (tokens->empty()) {
    std::size_t end = begin;
    if (!SkipValue(document, end)) return std::nullopt;
    return document.substr(begin, end - begin);
  }
  for (const std::string& token : *tokens) {
    const char first = value->empty() ? '\0' : value->front();
    if (first != '{' && first != '[') return std::nullopt;
    value = first == '{' ? MemberOf(*value, token) : ElementOf(*value, token);
    if (!value) return std::nullopt;
  }
  return value;
}

Result<std::string> ScanResourceVersion(std::string_view object) {
  bool metadata = false;
  std::optional<std::string_view> version;
  const auto read_metadata = [&](std::string_view key, std::size_t& at) -> Status {
    const std::size_t begin = at;
    CAPSTAN_RETURN_IF_ERROR(SkipValue(object, at));
    if (IsKey(key, "resourceVersion")) version = object.substr(begin, at - begin);
    return {};
  };
  const auto read = [&](std::string_view key, std::size_t& at) -> Status {
    if (!IsKey(key, "metadata")) return SkipValue(object, at);
    metadata = true;
    version.reset();
    return WalkMembers(object, at, read_metadata);
  };
  if (const auto walked = WalkObject(object, read); !walked)
    return Fail(Code::kDataLoss, StrCat("the answer is malformed: ", walked.error().message));
  if (!version)
    return Fail(Code::kDataLoss, StrCat("the answer has no ", metadata ? "resourceVersion" : "metadata"));
  if (version->size() < 3 || version->front() != '"')
    return Fail(Code::kDataLoss, "the object's metadata.resourceVersion is not a string");
  return Unquote(*version);
}

}  // namespace capstan::json
