#include <capstan/providers/digitalocean/detail/node_labels.hpp>

#include <algorithm>
#include <cctype>

#include <capstan/core/base/text.hpp>

namespace capstan::digitalocean {
namespace {

bool IsAlphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// `inner` is what may stand between the first and the last character, beside letters and digits.
bool IsName(std::string_view text, std::size_t limit, std::string_view inner) {
  return !text.empty() && text.size() <= limit && IsAlphanumeric(text.front()) &&
         IsAlphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [inner](char c) {
           return IsAlphanumeric(c) || inner.find(c) != std::string_view::npos;
         });
}

bool IsDnsSubdomain(std::string_view text) {
  if (text.size() > 253) return false;
  const auto parts = Split(text, '.');
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    return IsName(part, 253, "-") &&
           std::none_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  });
}

}  // namespace

bool IsLabelKey(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return IsName(key, 63, "-_.");
  return IsDnsSubdomain(key.substr(0, slash)) && IsName(key.substr(slash + 1), 63, "-_.");
}

bool IsLabelValue(std::string_view value) { return value.empty() || IsName(value, 63, "-_."); }

}  // namespace capstan::digitalocean
