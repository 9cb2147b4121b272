#include <capstan/local/apiserver/api/html_safe.hpp>

#include <cstring>

namespace capstan::apiserver {

bool IsHtmlSafe(std::string_view json) {
  // Three passes of memchr take a tenth of the time of one pass over each byte.
  for (const char c : {'<', '>', '&'}) {
    if (!json.empty() && std::memchr(json.data(), c, json.size()) != nullptr) return false;
  }
  return true;
}

std::string WithoutHtml(std::string json) {
  if (IsHtmlSafe(json)) return json;
  std::string escaped;
  escaped.reserve(json.size() + json.size() / 16);
  for (const char c : json) {
    if (c == '<') {
      escaped += "\\u003c";
    } else if (c == '>') {
      escaped += "\\u003e";
    } else if (c == '&') {
      escaped += "\\u0026";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace capstan::apiserver
