#include <capstan/core/json/pointer.hpp>

#include <algorithm>
#include <charconv>

#include <capstan/core/base/text.hpp>

namespace capstan::json {

Result<std::vector<std::string>> ParsePointer(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer.front() != '/') {
    return Fail(Code::kInvalidArgument,
                StrCat("the JSON pointer \"", Shorten(pointer, 200), "\" must be empty or start with /"));
  }
  tokens.emplace_back();
  for (std::size_t at = 1; at < pointer.size(); ++at) {
    if (pointer[at] == '/') {
      tokens.emplace_back();
    } else if (pointer[at] != '~') {
      tokens.back() += pointer[at];
    } else {
      const char escaped = at + 1 < pointer.size() ? pointer[++at] : '\0';
      if (escaped != '0' && escaped != '1') {
        return Fail(Code::kInvalidArgument, StrCat("the JSON pointer \"", Shorten(pointer, 200),
                                                   "\" has a ~ that is neither ~0 nor ~1"));
      }
      tokens.back() += escaped == '0' ? '~' : '/';
    }
  }
  return tokens;
}

std::optional<std::size_t> ParseIndex(std::string_view token) {
  if (token.empty() || (token.size() > 1 && token.front() == '0')) return std::nullopt;
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return index;
}

}  // namespace capstan::json
