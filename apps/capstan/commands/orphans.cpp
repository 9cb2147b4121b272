#include <gflags/gflags.h>

#include <iostream>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/view/object_view.hpp>
#include <capstan/apps/capstan/wiring/cluster_flags.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/apps/capstan/wiring/session.hpp>
#include <capstan/apps/capstan/wiring/view_flags.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/orphans.hpp>
#include <capstan/core/managed/reconciler.hpp>

DEFINE_string(orphans__owner_id, "",
              "the installation whose objects to list: the --owner-id of `capstan run` (default: the uid of "
              "namespace kube-system)");
DEFINE_string(orphans__operator_namespace, "capstan-system",
              "namespace with the operator's records of abandoned cloud objects");

namespace capstan::app {
namespace {

constexpr auto kSearchTimeout = std::chrono::minutes(2);

std::string Age(const std::string& created_at, WallTime now) {
  const auto at = ParseRfc3339(created_at);
  return at ? ShortAge(now - *at) : "-";
}

void PrintTable(const std::vector<managed::Orphan>& orphans, WallTime now) {
  if (orphans.empty()) {
    std::cout << "no orphans\n";
    return;
  }
  std::vector<std::vector<std::string>> rows = {{"KIND", "ID", "NAME", "PHASE", "AGE", "COST/MONTH", "NOTE"}};
  for (const managed::Orphan& orphan : orphans) {
    rows.push_back({orphan.kind, orphan.id, orphan.name, orphan.phase, Age(orphan.created_at, now),
                    Money(orphan.monthly_cost),
                    orphan.abandoned_reason.empty() ? "created for uid " + orphan.uid
                                                    : "abandoned: " + orphan.abandoned_reason});
  }
  for (const std::string& line : AlignedTable(rows)) std::cout << line << "\n";
}

std::string AsJson(const managed::OrphanReport& report) {
  Json items = Json::EmptyArray(), problems = Json::EmptyArray();
  for (const managed::Orphan& orphan : report.orphans) {
    Json one = Json::EmptyObject();
    one.Set("plugin", orphan.plugin).Set("kind", orphan.kind).Set("id", orphan.id).Set("name", orphan.name);
    one.Set("uid", orphan.uid).Set("phase", orphan.phase);
    if (!orphan.created_at.empty()) one.Set("createdAt", orphan.created_at);
    if (orphan.monthly_cost) one.Set("monthlyCost", *orphan.monthly_cost);
    if (!orphan.abandoned_reason.empty()) one.Set("letGo", orphan.abandoned_reason);
    items.Append(std::move(one));
  }
  for (const std::string& problem : report.problems) problems.Append(problem);
  return Json::EmptyObject().Set("items", std::move(items)).Set("problems", std::move(problems)).ToText();
}

int RunOrphansCommand(const std::vector<std::string>& operands) {
  if (!operands.empty()) return PrintError("orphans takes no arguments; see `capstan orphans --help`", 2);
  if (auto understood = CheckViewFlags(); !understood)
    return PrintError("orphans: " + understood.error().message, 2);
  Session session;
  if (auto loaded = session.LoadKinds(); !loaded) return PrintError("orphans: " + loaded.error().message);
  if (auto connected = session.Connect(); !connected)
    return PrintError("orphans: " + connected.error().message);
  const Context context = Context{}.Within(session.scheduler(), kSearchTimeout);
  managed::OrphanSearch search{
      session.client(), {}, FLAGS_orphans__owner_id, FLAGS_orphans__operator_namespace, {}};
  if (search.owner_id.empty()) {
    auto owner = managed::ReadOwnerId(session.client(), context);
    if (!owner) return PrintError("orphans: " + owner.error().message);
    search.owner_id = *owner;
  }
  for (const auto& provider : session.providers()) search.providers.push_back(provider.get());
  search.environment = [&session](const std::string& name) -> std::optional<Secret> {
    auto value = session.process().Environment(name);
    if (!value || value->empty()) return std::nullopt;
    return Secret(std::move(*value));
  };
  const auto report = managed::FindOrphans(search, context);
  if (!report) return PrintError("orphans: " + report.error().message);
  if (WantedFormat() == OutputFormat::kText)
    PrintTable(report->orphans, session.client().ServerTime());
  else
    std::cout << Printed(AsJson(*report), WantedFormat());
  for (const std::string& problem : report->problems) PrintError("orphans: not searched: " + problem);
  return report->problems.empty() ? 0 : 1;
}

}  // namespace

const CommandInfo kOrphansCommand = {
    "orphans",
    "List cloud objects of this installation whose Kubernetes object is gone; deletes nothing.",
    "orphans [-o text|json|yaml]",
    {__FILE__, kOutputFlag, kViewFlags, kClusterFlags, kPluginFlags},
    RunOrphansCommand};

}  // namespace capstan::app
