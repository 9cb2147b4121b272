// Metrics is where the code counts and measures. Names are those that dashboards for
// controller-runtime and client-go know (controller_runtime_*, workqueue_*, leader_election_*), and
// capstan_* for what only we have.
//
// Thread-safe. A counter, gauge or histogram lives as long as its Metrics; asking again for the
// same name and labels gives the same one. A name keeps the type and help it was first asked with.
// Secrets and object names never become labels.
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

// Makes a counter follow a total that is counted elsewhere and never falls. Thread-safe.
class FollowingCounter {
 public:
  explicit FollowingCounter(Counter& counter) : counter_(counter) {}
  // A total below an earlier one (two collections that overtook each other) is ignored.
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
  // Buckets from 1 ms to 10 min, in seconds.
  virtual Histogram& histogram(const std::string& name, const std::string& help,
                               const MetricLabels& labels = {}) = 0;
  // Shows these gauges of a name and no others: series that were shown before and are not among
  // them end. For what comes and goes, such as credentials. A name is either shown or asked for by
  // gauge().
  virtual void ShowGauges(const std::string& name, const std::string& help,
                          const std::vector<std::pair<MetricLabels, double>>& series) = 0;
  // Ends every series with this value of this label: of something that is no more, such as a queue.
  // REQUIRES: what was given out for them is used no more.
  virtual void EndSeries(const std::string& label, const std::string& value) = 0;
  // Called at the start of each Text, to set gauges that are only worth computing then. For ever:
  // what it uses must outlive the last Text.
  virtual void OnText(std::function<void()> collect) = 0;
  // Everything in Prometheus' text format (version 0.0.4), as GET /metrics answers it.
  virtual std::string Text() = 0;
};

std::unique_ptr<Metrics> MakePrometheusMetrics();
// Counts nothing: for tests and tools.
std::unique_ptr<Metrics> MakeSilentMetrics();

}  // namespace capstan::runtime
