// Backoff computes the delay before the n-th attempt: exponential, capped, with jitter so that many
// clients do not retry in lockstep. A value; not thread-safe.
#pragma once

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan {

struct BackoffOptions {
  Duration first = std::chrono::milliseconds(800);  // the first delay
  Duration limit = std::chrono::seconds(30);        // no delay is longer, jitter included
  double factor = 2.0;                              // growth per failure
  double jitter = 0.5;                              // each delay is drawn from [d * (1 - jitter), d]
};

// The delay before attempt `failures + 1`, after `failures` >= 1 consecutive failures.
Duration BackoffDelay(const BackoffOptions& options, int failures, Random& random);

class Backoff {
 public:
  Backoff(BackoffOptions options, Random& random) : options_(options), random_(random) {}
  // The delay after one more failure.
  Duration Next() { return BackoffDelay(options_, ++failures_, random_); }
  void Reset() { failures_ = 0; }
  int failures() const { return failures_; }

 private:
  BackoffOptions options_;
  Random& random_;  // must outlive this
  int failures_ = 0;
};

}  // namespace capstan
