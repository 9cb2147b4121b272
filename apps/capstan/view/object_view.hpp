// ObjectView is what `capstan get`, `wait` and `explain` and the web page show of an object: read
// from its conditions and from the status fields that its provider names. Values and pure
// functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::app {

struct StepView {
  std::string verb, target, why;
  bool current = false;  // in progress, or being waited for
  bool destroys = false;
  double monthly_cost_change = 0;
};

struct ObjectView {
  std::string kind;
  kube::ObjectKey key;
  std::string id;                                     // in the cloud; empty: not known yet
  std::string phase;                                  // the provider's phase, otherwise the reason of Ready
  std::string ready, ready_reason, ready_message;     // of condition Ready; "Unknown" if absent
  std::string synced, synced_reason, synced_message;  // of condition Synced
  std::vector<StepView> steps;                        // of the plan, in order
  std::string waiting;                                // what the cloud still does for an earlier step
  std::string plan_hash;                              // identifies what the plan destroys; empty: nothing
  std::optional<std::int64_t> nodes, ready_nodes;     // if the provider counts them
  std::optional<double> monthly_cost;                 // in the account's currency
  std::optional<WallTime> created_at;                 // of the Kubernetes object
  bool deleting = false;
  bool observed_latest = false;  // the conditions are about the current spec

  bool is_ready() const { return ready == "True"; }
  bool is_synced() const { return synced == "True" && observed_latest; }
  // Progress from 0 to 1: the fraction of its nodes that are running; negative if unknown.
  double fraction() const;
  // The current activity in a few words: the current step, otherwise what is being waited for,
  // otherwise the phase.
  std::string doing() const;
};

ObjectView ViewOf(const external::KindInfo& info, const kube::Object& object);

// {"kind", "namespace", "name", "id", "phase", "ready", "readyReason", "readyMessage", "synced",
// "syncedReason", "syncedMessage", "nodes", "readyNodes", "monthlyCost", "ageSeconds", "deleting",
// "planHash", "waiting", "steps": [{"verb", "target", "why", "current", "destroys",
// "monthlyCostChange"}]}. Unknown members are omitted.
Json ViewToJson(const ObjectView& view, WallTime now);

// "3d4h", "2m": at most two units, as kubectl prints ages.
std::string ShortAge(Duration age);
// "24.00", or "-" if unknown.
std::string Money(const std::optional<double>& amount);

// Rows with aligned columns, two spaces apart, without trailing spaces; the first row is the
// heading.
std::vector<std::string> AlignedTable(const std::vector<std::vector<std::string>>& rows);
// The rows of `capstan get`, heading first. `kinds`: adds a column for the kind.
std::vector<std::vector<std::string>> TableOf(const std::vector<ObjectView>& views, bool kinds, WallTime now);

}  // namespace capstan::app
