#include <capstan/core/runtime/metrics.hpp>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <utility>

#include <capstan/core/base/mutex.hpp>

namespace capstan::runtime {
namespace {

class PrometheusCounter final : public Counter {
 public:
  using Family = prometheus::Family<prometheus::Counter>;
  PrometheusCounter(Family& family, prometheus::Counter& counter) : family_(family), counter_(counter) {}
  ~PrometheusCounter() override { family_.Remove(&counter_); }
  void Add(double amount) override { counter_.Increment(amount); }

 private:
  Family& family_;
  prometheus::Counter& counter_;
};

class PrometheusGauge final : public Gauge {
 public:
  using Family = prometheus::Family<prometheus::Gauge>;
  PrometheusGauge(Family& family, prometheus::Gauge& gauge) : family_(family), gauge_(gauge) {}
  ~PrometheusGauge() override { family_.Remove(&gauge_); }
  void Set(double value) override { gauge_.Set(value); }

 private:
  Family& family_;
  prometheus::Gauge& gauge_;
};

class PrometheusHistogram final : public Histogram {
 public:
  using Family = prometheus::Family<prometheus::Histogram>;
  PrometheusHistogram(Family& family, prometheus::Histogram& histogram)
      : family_(family), histogram_(histogram) {}
  ~PrometheusHistogram() override { family_.Remove(&histogram_); }
  void Observe(double value) override { histogram_.Observe(value); }

 private:
  Family& family_;
  prometheus::Histogram& histogram_;
};

class PrometheusMetrics final : public Metrics {
 public:
  Counter& counter(const std::string& name, const std::string& help, const MetricLabels& labels) override {
    MutexLock lock(mutex_);
    auto& known = counters_[{name, labels}];
    if (!known) {
      auto& family = prometheus::BuildCounter().Name(name).Help(HelpOf(name, help)).Register(registry_);
      known = std::make_unique<PrometheusCounter>(family, family.Add(labels));
    }
    return *known;
  }
  Gauge& gauge(const std::string& name, const std::string& help, const MetricLabels& labels) override {
    MutexLock lock(mutex_);
    auto& known = gauges_[{name, labels}];
    if (!known) {
      auto& family = prometheus::BuildGauge().Name(name).Help(HelpOf(name, help)).Register(registry_);
      known = std::make_unique<PrometheusGauge>(family, family.Add(labels));
    }
    return *known;
  }
  Histogram& histogram(const std::string& name, const std::string& help,
                       const MetricLabels& labels) override {
    static const prometheus::Histogram::BucketBoundaries kSeconds = {
        0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600};
    MutexLock lock(mutex_);
    auto& known = histograms_[{name, labels}];
    if (!known) {
      auto& family = prometheus::BuildHistogram().Name(name).Help(HelpOf(name, help)).Register(registry_);
      known = std::make_unique<PrometheusHistogram>(family, family.Add(labels, kSeconds));
    }
    return *known;
  }
  void ShowGauges(const std::string& name, const std::string& help,
                  const std::vector<std::pair<MetricLabels, double>>& series) override {
    MutexLock lock(mutex_);
    auto& family = prometheus::BuildGauge().Name(name).Help(HelpOf(name, help)).Register(registry_);
    auto& shown = shown_[name];
    std::map<MetricLabels, prometheus::Gauge*> ended = std::exchange(shown, {});
    for (const auto& [labels, value] : series) {
      const auto known = ended.find(labels);
      prometheus::Gauge* gauge = known == ended.end() ? &family.Add(labels) : known->second;
      if (known != ended.end()) ended.erase(known);
      gauge->Set(value);
      shown[labels] = gauge;
    }
    for (const auto& [labels, gauge] : ended) family.Remove(gauge);
  }
  void EndSeries(const std::string& label, const std::string& value) override {
    const auto ends = [&](const auto& known) {
      const MetricLabels& labels = known.first.second;
      const auto found = labels.find(label);
      return found != labels.end() && found->second == value;
    };
    MutexLock lock(mutex_);
    std::erase_if(counters_, ends);
    std::erase_if(gauges_, ends);
    std::erase_if(histograms_, ends);
  }
  void OnText(std::function<void()> collect) override {
    MutexLock lock(mutex_);
    collectors_.push_back(std::move(collect));
  }
  std::string Text() override {
    std::vector<std::function<void()>> collectors;
    {
      MutexLock lock(mutex_);
      collectors = collectors_;
    }
    for (const auto& collect : collectors) collect();
    return prometheus::TextSerializer().Serialize(registry_.Collect());
  }

 private:
  // The library rejects a known name with a different help text.
  const std::string& HelpOf(const std::string& name, const std::string& help) CAPSTAN_REQUIRES(mutex_) {
    return helps_.try_emplace(name, help).first->second;
  }
  using Id = std::pair<std::string, MetricLabels>;
  // Provides its own synchronization.
  prometheus::Registry registry_;

  // Guarded by mutex_.
  Mutex mutex_;
  std::map<std::string, std::string> helps_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<Id, std::unique_ptr<PrometheusCounter>> counters_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<Id, std::unique_ptr<PrometheusGauge>> gauges_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<Id, std::unique_ptr<PrometheusHistogram>> histograms_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<std::string, std::map<MetricLabels, prometheus::Gauge*>> shown_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> collectors_ CAPSTAN_GUARDED_BY(mutex_);
};

class SilentMetrics final : public Metrics, Counter, Gauge, Histogram {
 public:
  Counter& counter(const std::string&, const std::string&, const MetricLabels&) override { return *this; }
  Gauge& gauge(const std::string&, const std::string&, const MetricLabels&) override { return *this; }
  Histogram& histogram(const std::string&, const std::string&, const MetricLabels&) override { return *this; }
  void ShowGauges(const std::string&, const std::string&,
                  const std::vector<std::pair<MetricLabels, double>>&) override {}
  void EndSeries(const std::string&, const std::string&) override {}
  void OnText(std::function<void()>) override {}
  std::string Text() override { return ""; }

 private:
  void Add(double) override {}
  void Set(double) override {}
  void Observe(double) override {}
};

}  // namespace

std::unique_ptr<Metrics> MakePrometheusMetrics() { return std::make_unique<PrometheusMetrics>(); }
std::unique_ptr<Metrics> MakeSilentMetrics() { return std::make_unique<SilentMetrics>(); }

}  // namespace capstan::runtime
