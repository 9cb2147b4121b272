// Samples are the data of the page's plots: queue depth, reconciles and quota, every five seconds
// for the last hour, read from the operator's own metrics. Thread-safe.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::app {

struct Sample {
  WallTime at{};
  double queue_depth = 0;        // of all kinds
  double reconciles = 0;         // since the process started
  double reconcile_seconds = 0;  // their total duration
  // Of the credential with the smallest remaining fraction: from 0 to 1.
  std::optional<double> quota_left;
};

// Parses metrics in Prometheus' text format.
Sample SampleOf(std::string_view metrics, WallTime at);

class Samples final {
 public:
  static constexpr std::size_t kKept = 720;
  void Add(const Sample& sample) CAPSTAN_EXCLUDES(mutex_);
  // [{"t": seconds since 1970, "queue", "rate": reconciles a second, "latency": seconds, "quota"}],
  // oldest first. Rate and latency cover the time since the previous sample; the first sample has
  // none.
  Json ToJson() const CAPSTAN_EXCLUDES(mutex_);

 private:
  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::deque<Sample> samples_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::app
