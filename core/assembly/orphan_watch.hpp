// OrphanWatch periodically searches for cloud objects of ours whose Kubernetes object is gone
// (core/managed/orphans.hpp), and reports them: gauges capstan_orphans{plugin,kind} and
// capstan_orphans_monthly_cost{plugin,kind}, and a log line for each new one. It deletes nothing.
// Cloud objects that were abandoned on purpose are not counted.
#pragma once

#include <set>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/managed/orphans.hpp>
#include <capstan/core/runtime/fence.hpp>
#include <capstan/core/runtime/metrics.hpp>

namespace capstan::assembly {

struct OrphanWatchOptions {
  Duration interval = std::chrono::minutes(10);
  Duration limit = std::chrono::minutes(2);  // of one search
};

// For one thread. All references must outlive it.
class OrphanWatch final {
 public:
  OrphanWatch(managed::OrphanSearch search, Scheduler& scheduler, const runtime::Fence& fence, Log& log,
              runtime::Metrics& metrics, OrphanWatchOptions options)
      : search_(std::move(search)),
        scheduler_(scheduler),
        fence_(fence),
        log_(log),
        metrics_(metrics),
        options_(options) {}

  // Runs until the context stops. Only the leader searches.
  void Run(const Context& context);
  // One search. Errors: those of FindOrphans.
  Status Look(const Context& context);

 private:
  void Show(const managed::OrphanReport& report);

  const managed::OrphanSearch search_;
  Scheduler& scheduler_;
  const runtime::Fence& fence_;
  Log& log_;
  runtime::Metrics& metrics_;
  const OrphanWatchOptions options_;
  std::set<std::string> told_;  // ids that were reported
};

}  // namespace capstan::assembly
