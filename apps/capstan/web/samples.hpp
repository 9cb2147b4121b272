// Samples are what the plots of the page show: queue depth, reconciles and quota, every five
// seconds of the last hour, read from the operator's own metrics. Thread-safe.
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
  double queue_depth = 0;            // of all kinds
  double reconciles = 0;             // since the process began
  double reconcile_seconds = 0;      // how long they took together
  std::optional<double> quota_left;  // of the credential that has the smallest part left: from 0 to 1
};

// What a text in Prometheus' format says.
Sample SampleOf(std::string_view metrics, WallTime at);

class Samples final {
 public:
  static constexpr std::size_t kKept = 720;
  void Add(const Sample& sample) CAPSTAN_EXCLUDES(mutex_);
  // [{"t": seconds since 1970, "queue", "rate": reconciles a second, "latency": seconds, "quota"}],
  // oldest first. Rate and latency are those since the sample before; the first has none.
  Json ToJson() const CAPSTAN_EXCLUDES(mutex_);

 private:
  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::deque<Sample> samples_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::app
