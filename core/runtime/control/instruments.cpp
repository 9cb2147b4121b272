#include <capstan/core/runtime/control/instruments.hpp>

namespace capstan::runtime {
namespace {

// Series of a queue at /metrics: those of client-go, and two of our own.
struct QueueSeries {
  const char* name;
  const char* help;
  enum Type { kCounter, kGauge } type;
  double (*read)(const Workqueue&);
};
constexpr QueueSeries kQueueSeries[] = {
    {"workqueue_depth", "Keys that are due and wait for a worker", QueueSeries::kGauge,
     [](const Workqueue& queue) { return static_cast<double>(queue.stats().ready); }},
    {"capstan_workqueue_held", "Keys held until the cache has seen our own write", QueueSeries::kGauge,
     [](const Workqueue& queue) { return static_cast<double>(queue.stats().held); }},
    {"capstan_workqueue_delayed", "Keys that wait for a time", QueueSeries::kGauge,
     [](const Workqueue& queue) { return static_cast<double>(queue.stats().delayed); }},
    {"workqueue_adds_total", "Keys added", QueueSeries::kCounter,
     [](const Workqueue& queue) { return static_cast<double>(queue.stats().adds); }},
    {"workqueue_retries_total", "Keys added again after an error", QueueSeries::kCounter,
     [](const Workqueue& queue) { return static_cast<double>(queue.stats().retries); }},
    {"workqueue_unfinished_work_seconds", "Seconds of work under way that no duration counts yet",
     QueueSeries::kGauge, [](const Workqueue& queue) { return Seconds(queue.UnfinishedWork()); }},
    {"workqueue_longest_running_processor_seconds", "Age of the longest reconcile under way",
     QueueSeries::kGauge,
     [](const Workqueue& queue) {
       const auto longest = queue.LongestRunning();
       return longest ? Seconds(longest->second) : 0;
     }},
};

Counter& Total(Metrics& metrics, const std::string& name, const std::string& result) {
  return metrics.counter("controller_runtime_reconcile_total", "Reconciles by how they ended",
                         {{"controller", name}, {"result", result}});
}

}  // namespace

Controller::Instruments::Instruments(Metrics& metrics, const std::string& name, int workers)
    : success(Total(metrics, name, "success")),
      requeue(Total(metrics, name, "requeue")),
      requeue_after(Total(metrics, name, "requeue_after")),
      error(Total(metrics, name, "error")),
      errors(metrics.counter("controller_runtime_reconcile_errors_total", "Reconciles that ended in an error",
                             {{"controller", name}})),
      panics(metrics.counter("controller_runtime_reconcile_panics_total",
                             "Reconciles that ended in an exception, which is a bug",
                             {{"controller", name}})),
      time(metrics.histogram("controller_runtime_reconcile_time_seconds", "How long reconciles took",
                             {{"controller", name}})),
      active(metrics.gauge("controller_runtime_active_workers", "Workers with a reconcile under way",
                           {{"controller", name}})),
      queued(metrics.histogram("workqueue_queue_duration_seconds", "How long keys waited after they were due",
                               {{"name", name}})),
      worked(metrics.histogram("workqueue_work_duration_seconds", "How long keys were processed",
                               {{"name", name}})) {
  metrics
      .gauge("controller_runtime_max_concurrent_reconciles", "Reconciles that may run at once",
             {{"controller", name}})
      .Set(workers);
  for (const QueueSeries& series : kQueueSeries) {
    if (series.type == QueueSeries::kCounter) {
      totals.emplace_back(metrics.counter(series.name, series.help, {{"name", name}}));
    } else {
      gauges.push_back(&metrics.gauge(series.name, series.help, {{"name", name}}));
    }
  }
}

// Both vectors follow the order of kQueueSeries.
void Controller::Instruments::Collect(const Workqueue& queue) {
  auto total = totals.begin();
  auto gauge = gauges.begin();
  for (const QueueSeries& series : kQueueSeries) {
    if (series.type == QueueSeries::kCounter) {
      (total++)->Follow(series.read(queue));
    } else {
      (*gauge++)->Set(series.read(queue));
    }
  }
}

}  // namespace capstan::runtime
