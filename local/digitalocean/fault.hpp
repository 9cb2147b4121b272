// Fault says which requests fail, and how. A value; thread-safe as values are.
#pragma once

#include <optional>
#include <string>

#include <capstan/core/base/time.hpp>

namespace capstan::simulated_digitalocean {

enum class FaultMoment {
  kBefore,  // the request is not executed
  kAfter,   // the request is executed, then its answer is replaced or cut
};

// A fault applies to the requests that match all of its conditions: after skipping `skip` of them
// it strikes `times` times. If several faults match, the one injected first strikes. Faults strike
// after authentication and rate limits.
struct Fault {
  std::string method;  // empty: any
  std::string path;    // a substring of the request's path, such as "/clusters" or an id; empty: any
  std::string token;   // a substring of the token's Secret::Fingerprint(); empty: any
  int skip = 0;
  int times = 1;  // 0: until ClearFaults
  FaultMoment moment = FaultMoment::kBefore;
  // The status of the error answer; 0: the connection is cut without an answer.
  int status = 0;
  std::string id;       // empty: the default of the status
  std::string message;  // empty: the default of the status
  std::optional<Duration> retry_after;
  // If not empty: sent verbatim instead of the error, for answers that are not JSON.
  std::string raw_body;
};

}  // namespace capstan::simulated_digitalocean
