// Private: RateLimiter counts the requests of each token over a sliding hour and a sliding minute.
// Refused requests do not count (a choice). Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include <capstan/core/base/time.hpp>
#include <capstan/local/digitalocean/options.hpp>

namespace capstan::simulated_digitalocean {

class RateLimiter {
 public:
  struct Verdict {
    bool allowed = true;
    std::int64_t limit = 0;
    std::int64_t remaining = 0;
    Duration until_reset = Duration::zero();  // until the oldest counted request expires
    std::optional<Duration> retry_after;      // only set by the limit of the minute
  };
  Verdict Count(const std::string& token, const RateLimitOptions& options, Instant now);

 private:
  std::map<std::string, std::deque<Instant>> counted_;  // the last hour, oldest first
};

}  // namespace capstan::simulated_digitalocean
