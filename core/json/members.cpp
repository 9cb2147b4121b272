// Finds members and values by quotes and brackets; the texts of values are neither copied nor
// changed.
#include <algorithm>
#include <array>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/brackets.hpp>
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

// Skips from an opening bracket past the closing one.
Status SkipNested(std::string_view text, std::size_t& at) {
  std::array<char, kMembersDepth> open;  // the closing brackets still expected
  std::size_t depth = 0;
  bool deep = false, wrong = false;
  StringState string;
  at = WalkBrackets(text, at, string, [&](char bracket, std::size_t) {
    if (bracket == '{' || bracket == '[') {
      deep = depth == kMembersDepth;
      if (!deep) open[depth++] = bracket == '{' ? '}' : ']';
      return !deep;
    }
    wrong = open[--depth] != bracket;  // at least one is open, or the scan has ended
    return !wrong && depth != 0;
  });
  if (deep) return Fail(Code::kTooLarge, StrCat("the object is nested more than ", kMembersDepth, " deep"));
  if (wrong) return Fail(Code::kInvalidArgument, "brackets in the object do not match");
  if (string.in_string) return Fail(Code::kInvalidArgument, "a string in the object is not closed");
  if (depth != 0) return Fail(Code::kInvalidArgument, "the object ends before its end");
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

}  // namespace

Result<std::vector<std::pair<std::string, std::string_view>>> Members(std::string_view object) {
  const auto bad = [](std::string_view what) { return Fail(Code::kInvalidArgument, std::string(what)); };
  std::vector<std::pair<std::string, std::string_view>> members;
  members.reserve(4);
  std::size_t at = 0;
  SkipBlanks(object, at);
  if (at >= object.size() || object[at] != '{') return bad("the text is not a JSON object");
  ++at;
  for (bool first = true;; first = false) {
    SkipBlanks(object, at);
    if (first && at < object.size() && object[at] == '}') break;
    const std::size_t key_begin = at;
    if (at >= object.size() || object[at] != '"' || !SkipString(object, at))
      return bad("the object lacks a key");
    CAPSTAN_TRY(std::string key, Unquote(object.substr(key_begin, at - key_begin)));
    SkipBlanks(object, at);
    if (at >= object.size() || object[at] != ':') return bad("a key of the object has no value");
    SkipBlanks(object, ++at);
    const std::size_t begin = at;
    CAPSTAN_RETURN_IF_ERROR(SkipValue(object, at));
    if (at == begin) return bad("a key of the object has no value");
    members.emplace_back(std::move(key), object.substr(begin, at - begin));
    SkipBlanks(object, at);
    if (at < object.size() && object[at] == '}') break;
    if (at >= object.size() || object[at] != ',') return bad("the object lacks a comma or its end");
    ++at;
  }
  SkipBlanks(object, ++at);
  if (at != object.size()) return bad("something follows the object");
  return members;
}

std::optional<std::string_view> FindInParsed(std::string_view document, std::string_view pointer) {
  const auto tokens = ParsePointer(pointer);
  if (!tokens) return std::nullopt;
  std::size_t begin = 0;
  SkipBlanks(document, begin);
  std::size_t end = begin;
  if (!SkipValue(document, end)) return std::nullopt;
  std::optional<std::string_view> value = document.substr(begin, end - begin);
  for (const std::string& token : *tokens) {
    const char first = value->empty() ? '\0' : value->front();
    if (first != '{' && first != '[') return std::nullopt;
    value = first == '{' ? MemberOf(*value, token) : ElementOf(*value, token);
    if (!value) return std::nullopt;
  }
  return value;
}

Result<std::string> ScanResourceVersion(std::string_view object) {
  std::string_view value = object;
  for (const std::string_view name : {"metadata", "resourceVersion"}) {
    const auto members = Members(value);
    if (!members) return Fail(Code::kDataLoss, StrCat("the answer is malformed: ", members.error().message));
    const auto found = std::find_if(members->rbegin(), members->rend(),
                                    [name](const auto& member) { return member.first == name; });
    if (found == members->rend()) return Fail(Code::kDataLoss, StrCat("the answer has no ", name));
    value = found->second;
  }
  if (value.size() < 3 || value.front() != '"')
    return Fail(Code::kDataLoss, "the object's metadata.resourceVersion is not a string");
  return Unquote(value);
}

}  // namespace capstan::json
