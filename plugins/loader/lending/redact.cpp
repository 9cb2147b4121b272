#include <capstan/plugins/loader/lending/redact.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::loader {
namespace {

constexpr std::string_view kBlot = "***";
constexpr std::size_t kShortestSecret = 4;

void BlotAll(std::string& text, std::string_view secret) {
  for (std::size_t at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kBlot.size())) {
    text.replace(at, secret.size(), kBlot);
  }
}

// Blots what follows `mark`, up to a blank, quote, comma or ampersand.
void BlotAfter(std::string& text, std::string_view mark) {
  std::size_t from = 0;
  while (true) {
    const std::size_t at = ToLower(text).find(mark, from);
    if (at == std::string::npos) return;
    const std::size_t begin = at + mark.size();
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\"',&;", begin), text.size());
    if (end > begin) text.replace(begin, end - begin, kBlot);
    from = begin;
  }
}

}  // namespace

void Redactor::Add(const Secret& secret) {
  if (secret.Reveal().size() < kShortestSecret) return;
  MutexLock lock(mutex_);
  secrets_.push_back(secret);
}

void Redactor::Remove(const Secret& secret) {
  MutexLock lock(mutex_);
  const auto found = std::find(secrets_.begin(), secrets_.end(), secret);
  if (found != secrets_.end()) secrets_.erase(found);
}

std::string Redactor::Clean(std::string_view text) const {
  std::string clean(text);
  {
    MutexLock lock(mutex_);
    for (const Secret& secret : secrets_) BlotAll(clean, secret.Reveal());
  }
  for (const std::string_view mark : {"bearer ", "token=", "password=", "secret=", "api_key="})
    BlotAfter(clean, mark);
  return clean;
}

}  // namespace capstan::loader
