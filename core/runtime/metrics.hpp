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
#include <vector>

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

class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual Counter& counter(const std::string& name, const std::string& help,
                           const MetricLabels& labels = {}) = 0;
  virtual Gauge& gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {}) = 0;
  // Buckets from 1 ms to 10 min, in seconds.
  virtual Histogram& histogram(const std::string& name, const std::string& help,
                               const MetricLabels& labels = {}) = 0;
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
