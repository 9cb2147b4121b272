// Fault says which requests go wrong, and how. Values; thread-safety of values.
#pragma once

#include <optional>
#include <string>

#include <capstan/core/base/time.hpp>

namespace capstan::simulated_digitalocean {

enum class FaultMoment {
  kBefore,  // nothing is done
  kAfter,   // the request is carried out, then its answer is replaced or cut
};

// A fault meets the requests that match all of its conditions: after `skip` of them it strikes
// `times` times. Of several faults that match, the one injected first strikes. Faults strike after
// authentication and rate limits.
struct Fault {
  std::string method;  // empty: any
  std::string path;    // a part of the request's path, such as "/clusters" or an id; empty: any
  std::string token;   // a part of Secret::Fingerprint() of the token; empty: any
  int skip = 0;
  int times = 1;  // 0: until ClearFaults
  FaultMoment moment = FaultMoment::kBefore;
  // The answer: an error of this status, or 0: the connection is cut without one.
  int status = 0;
  std::string id;       // empty: the usual one for the status
  std::string message;  // empty: the usual one for the status
  std::optional<Duration> retry_after;
  std::string raw_body;  // when not empty: sent as it is instead of the error, for answers that are no JSON
};

}  // namespace capstan::simulated_digitalocean
