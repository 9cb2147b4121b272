// Redactor removes secrets from the texts of a plugin: its credentials, wherever they appear, in
// clear text or encoded (in base64, as in a Secret; percent-encoded, as in a URL; escaped as in
// JSON; in hexadecimal; in upper or lower case; cut in halves), and everything that follows "Bearer
// ", "token=" and the like. Thread-safe. Time is linear in the length of the text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/secret.hpp>

namespace capstan::loader {

class Redactor {
 public:
  // Secrets shorter than 4 bytes are not searched, because they would match parts of ordinary
  // words. Secrets of 16 bytes and more are also searched by their two halves, those of 32 and more
  // by their four quarters.
  void Add(const Secret& secret) CAPSTAN_EXCLUDES(mutex_);
  // Undoes one Add.
  void Remove(const Secret& secret) CAPSTAN_EXCLUDES(mutex_);
  // If given, `blotted` reports whether the text contained a credential.
  std::string Clean(std::string_view text, bool* blotted = nullptr) const CAPSTAN_EXCLUDES(mutex_);

 private:
  struct Known {
    Secret secret;
    // The search patterns, in lower case, like the text during the search.
    std::vector<Secret> dresses;
  };
  static std::vector<Secret> DressesOf(std::string_view secret);

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::vector<Known> known_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::loader
