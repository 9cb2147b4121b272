// Redactor blots secrets out of what a plugin says: the credentials it was given, wherever they
// appear, and whatever follows "Bearer ", "token=" and the like. Thread-safe.
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
  // Secrets shorter than 4 bytes are not looked for: they would blot out half of every sentence.
  void Add(const Secret& secret) CAPSTAN_EXCLUDES(mutex_);
  // Takes one Add back.
  void Remove(const Secret& secret) CAPSTAN_EXCLUDES(mutex_);
  std::string Clean(std::string_view text) const CAPSTAN_EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::vector<Secret> secrets_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::loader
