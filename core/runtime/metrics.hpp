// Metrics registers and exposes counters, gauges and histograms. Names follow controller-runtime
// and client-go (controller_runtime_*, workqueue_*, leader_election_*), so that existing dashboards
// work; capstan_* names are specific to Capstan.
//
// Thread-safe. A counter, gauge or histogram is owned by its Metrics and lives as long; the same
// name and labels always return the same instance. The first registration of a name fixes its type
// and help. Secrets and object names never become labels.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/mutex.hpp>

namespace capstan::runtime {

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Add(double amount = 1) = 0;  // amount >= 0
};
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Set(double value) = 0;
};
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double value) = 0;
};

using MetricLabels = std::map<std::string, std::string>;

// Makes a counter follow a monotonic total that is counted elsewhere. Thread-safe. The counter must
// outlive it.
class FollowingCounter {
 public:
  explicit FollowingCounter(Counter& counter) : counter_(counter) {}
  // Ignores a total below an earlier one (two collections that overtook each other).
  void Follow(double total) CAPSTAN_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (total <= followed_) return;
    counter_.Add(total - followed_);
    followed_ = total;
  }

 private:
  // Constant after construction.
  Counter& counter_;

  // Guarded by mutex_.
  Mutex mutex_;
  double followed_ CAPSTAN_GUARDED_BY(mutex_) = 0;
};

class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual Counter& counter(const std::string& name, const std::string& help,
                           const MetricLabels& labels = {}) = 0;
  virtual Gauge& gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {}) = 0;
  // Buckets from 1 ms to 10 min; values are in seconds.
  virtual Histogram& histogram(const std::string& name, const std::string& help,
                               const MetricLabels& labels = {}) = 0;
  // Replaces all series of a gauge: series exposed before and absent from `series` are removed. For
  // sets that come and go, such as credentials. A name is used either here or with gauge(), never
  // both.
  virtual void ShowGauges(const std::string& name, const std::string& help,
                          const std::vector<std::pair<MetricLabels, double>>& series) = 0;
  // Removes every series in which this label has this value, when its subject is gone, such as a
  // queue. REQUIRES: instances returned for these series are no longer used.
  virtual void EndSeries(const std::string& label, const std::string& value) = 0;
  // Calls `collect` at the start of each Text, to set gauges that are only worth computing then. It
  // cannot be unregistered: everything it captures must outlive the last Text.
  virtual void OnText(std::function<void()> collect) = 0;
  // All metrics in Prometheus' text format (version 0.0.4), as GET /metrics returns them.
  virtual std::string Text() = 0;
};

std::unique_ptr<Metrics> MakePrometheusMetrics();
// Discards everything: for tests and tools.
std::unique_ptr<Metrics> MakeSilentMetrics();

}  // namespace capstan::runtime
