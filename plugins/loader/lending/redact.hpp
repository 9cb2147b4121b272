// Redactor blots secrets out of what a plugin says: the credentials it was given, wherever they
// appear, as they are or in another dress (in base64, as the Secret holds them; percent-encoded, as
// a URL does; escaped as in JSON; in hexadecimal; in capitals or small letters; cut in halves), and
// whatever follows "Bearer ", "token=" and the like. Thread-safe. Takes time in proportion to the
// text.
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
  // Secrets shorter than 4 bytes are not looked for: they would blot out half of every sentence. Of
  // those of 16 bytes and more the two halves are, of those of 32 and more the four quarters.
  void Add(const Secret& secret) CAPSTAN_EXCLUDES(mutex_);
  // Takes one Add back.
  void Remove(const Secret& secret) CAPSTAN_EXCLUDES(mutex_);
  // `blotted`, where given: whether a credential stood there.
  std::string Clean(std::string_view text, bool* blotted = nullptr) const CAPSTAN_EXCLUDES(mutex_);

 private:
  struct Known {
    Secret secret;
    // What is looked for: in small letters, as the text is looked through.
    std::vector<Secret> dresses;
  };
  static std::vector<Secret> DressesOf(std::string_view secret);

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::vector<Known> known_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::loader
