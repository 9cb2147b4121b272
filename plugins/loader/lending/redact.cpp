#include <capstan/plugins/loader/lending/redact.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::loader {
namespace {

constexpr std::string_view kBlot = "***";
constexpr std::size_t kShortestSecret = 4;

constexpr std::size_t kLongSecret = 16;

// For each byte of a text: whether it stays or is redacted, and where a redaction begins.
enum class Blot : char { kNone, kBegins, kGoesOn };
using Blots = std::vector<Blot>;

void Mark(Blots& blots, std::size_t from, std::size_t size) {
  for (std::size_t i = from; i < from + size; ++i) {
    if (blots[i] == Blot::kNone) blots[i] = i == from ? Blot::kBegins : Blot::kGoesOn;
  }
}

bool MarkAll(Blots& blots, std::string_view text, std::string_view secret) {
  bool any = false;
  for (std::size_t at = text.find(secret); at != std::string_view::npos;
       at = text.find(secret, at + secret.size())) {
    Mark(blots, at, secret.size());
    any = true;
  }
  return any;
}

// Marks the text after `mark`, up to a blank, quote, comma or ampersand.
void MarkAfter(Blots& blots, std::string_view text, std::string_view mark) {
  for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at)) {
    at += mark.size();
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\"',&;", at), text.size());
    Mark(blots, at, end - at);
    at = end;
  }
}

std::string Hexadecimal(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// The escaped form inside a JSON string, if it differs.
std::string EscapedAsInJson(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// In base64 at any offset: for each alignment the part that depends only on the secret.
std::vector<std::string> InBase64(std::string_view secret) {
  std::vector<std::string> all;
  for (std::size_t before = 0; before < 3; ++before) {
    std::string encoded = Base64Encode(std::string(before, 'x') + std::string(secret));
    encoded.erase(std::min(encoded.find('='), encoded.size()));
    // The first characters mix with the preceding bytes, the last with the following ones.
    encoded.erase(0, before == 0 ? 0 : before + 1);
    if ((before + secret.size()) % 3 != 0 && !encoded.empty()) encoded.pop_back();
    all.push_back(encoded);
    // The URL-safe alphabet.
    std::replace(encoded.begin(), encoded.end(), '+', '-');
    std::replace(encoded.begin(), encoded.end(), '/', '_');
    all.push_back(std::move(encoded));
  }
  return all;
}

}  // namespace

std::vector<Secret> Redactor::DressesOf(std::string_view secret) {
  std::vector<std::string> texts = {std::string(secret), UrlEncode(secret), EscapedAsInJson(secret),
                                    Hexadecimal(secret)};
  for (std::string& encoded : InBase64(secret)) texts.push_back(std::move(encoded));
  if (secret.size() >= kLongSecret) {
    // Every half of a very long secret contains one of its quarters completely.
    const std::size_t piece = secret.size() / (secret.size() >= 2 * kLongSecret ? 4 : 2);
    for (std::size_t at = 0; at + piece <= secret.size(); at += piece)
      texts.emplace_back(secret.substr(at, piece));
  }
  std::vector<Secret> dresses;
  for (const std::string& text : texts) {
    if (text.size() < kShortestSecret) continue;
    Secret dress(ToLower(text));
    if (std::find(dresses.begin(), dresses.end(), dress) == dresses.end())
      dresses.push_back(std::move(dress));
  }
  return dresses;
}

void Redactor::Add(const Secret& secret) {
  if (secret.Reveal().size() < kShortestSecret) return;
  Known known{secret, DressesOf(secret.Reveal())};
  MutexLock lock(mutex_);
  known_.push_back(std::move(known));
}

void Redactor::Remove(const Secret& secret) {
  MutexLock lock(mutex_);
  const auto found =
      std::find_if(known_.begin(), known_.end(), [&](const Known& one) { return one.secret == secret; });
  if (found != known_.end()) known_.erase(found);
}

std::string Redactor::Clean(std::string_view text, bool* blotted) const {
  const std::string lower = ToLower(text);
  Blots blots(text.size(), Blot::kNone);
  bool any = false;
  {
    MutexLock lock(mutex_);
    for (const Known& known : known_) {
      for (const Secret& dress : known.dresses) any = MarkAll(blots, lower, dress.Reveal()) || any;
    }
  }
  for (const std::string_view mark : {"bearer ", "token=", "password=", "secret=", "api_key="})
    MarkAfter(blots, lower, mark);
  if (blotted != nullptr) *blotted = any;
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (blots[i] == Blot::kNone) clean += text[i];
    if (blots[i] == Blot::kBegins) clean += kBlot;
  }
  return clean;
}

}  // namespace capstan::loader
