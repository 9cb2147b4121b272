// Private to core/managed. RefusedCredentials remembers for each object which credentials its cloud
// refused, and until when they are not tried again. The Secret can be read much more often than
// that: with other credentials, or after an edit of the object, the cloud is tried immediately.
// Losing its contents costs a request. Thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::managed {

class RefusedCredentials {
 public:
  void Note(const std::string& uid, const std::string& fingerprint, std::int64_t generation, Instant until);
  // How much longer these credentials must not be tried; nullopt if they may be.
  std::optional<Duration> Remaining(const std::string& uid, const std::string& fingerprint,
                                    std::int64_t generation, Instant now);

 private:
  struct Refusal {
    std::string fingerprint;
    std::int64_t generation = 0;
    Instant until{};
  };

  // Guarded by mutex_.
  Mutex mutex_;
  std::map<std::string, Refusal> refusals_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::managed
