#include <capstan/core/assembly/orphan_watch.hpp>

#include <map>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>

namespace capstan::assembly {

void OrphanWatch::Run(const Context& context) {
  while (scheduler_.Sleep(options_.interval, context) == Woke::kTime) {
    if (!fence_.HeldUntil(scheduler_.Now())) {
      metrics_.ShowGauges("capstan_orphans", "Cloud objects of ours whose Kubernetes object is gone", {});
      continue;
    }
    const Status looked = Look(context.Within(scheduler_, options_.limit));
    if (!looked && looked.error().code != Code::kCancelled)
      log_.Warning("cannot look for orphans", {{"error", looked.error().message}});
  }
}

Status OrphanWatch::Look(const Context& context) {
  CAPSTAN_TRY(const managed::OrphanReport report, managed::FindOrphans(search_, context));
  Show(report);
  return {};
}

void OrphanWatch::Show(const managed::OrphanReport& report) {
  struct Sum {
    double count = 0, cost = 0;
  };
  std::map<std::pair<std::string, std::string>, Sum> sums;
  for (const external::Provider* provider : search_.providers)
    for (const auto& kind : provider->manifest().kinds) sums[{provider->manifest().name, kind.kind}];
  std::set<std::string> present;
  for (const managed::Orphan& orphan : report.orphans) {
    if (!orphan.abandoned_reason.empty()) continue;
    Sum& sum = sums[{orphan.plugin, orphan.kind}];
    sum.count += 1;
    sum.cost += orphan.monthly_cost.value_or(0);
    present.insert(orphan.id);
    if (told_.count(orphan.id) != 0) continue;
    log_.Warning("a cloud object has no owner any more: list it with `capstan orphans`",
                 {{"plugin", orphan.plugin},
                  {"kind", orphan.kind},
                  {"id", orphan.id},
                  {"name", orphan.name},
                  {"uid", orphan.uid}});
  }
  told_ = std::move(present);
  std::vector<std::pair<runtime::MetricLabels, double>> counts, costs;
  for (const auto& [name, sum] : sums) {
    const runtime::MetricLabels labels = {{"plugin", name.first}, {"kind", name.second}};
    counts.emplace_back(labels, sum.count);
    costs.emplace_back(labels, sum.cost);
  }
  metrics_.ShowGauges("capstan_orphans", "Cloud objects of ours whose Kubernetes object is gone", counts);
  metrics_.ShowGauges("capstan_orphans_monthly_cost",
                      "What orphans cost a month, in the account's currency, as far as prices are known",
                      costs);
}

}  // namespace capstan::assembly
