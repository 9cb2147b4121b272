// Forecast is what the operator would do with an object if it reconciled it now, found by sending
// the same reads to the cloud without changing anything. Blocks on requests to the cloud.
// Thread-safe as long as `cloud` is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::app {

struct Forecast {
  external::Account account;
  std::optional<external::Observed> observed;  // the cloud object; nullopt: it does not exist
  external::Plan plan;
  // Why the operator would not execute the plan now, and what to do; empty: it would.
  std::string held;
  std::vector<std::string> notes;  // other information for the user, one sentence each
  // The object is being deleted: there is no plan, the cloud object is deleted.
  bool removal = false;
  bool approved = false;  // the destructive steps of the plan are approved

  // Whether the operator would change nothing and has nothing left to change.
  bool nothing_to_do() const {
    return plan.steps.empty() && plan.unsupported.empty() && plan.waiting.empty() && held.empty() && !removal;
  }
};

struct ForecastInput {
  external::External& cloud;
  const external::KindInfo& info;
  const kube::Object& desired;  // as it would be after the apply; the live one if nothing is applied
  const kube::Object* live;     // the object in the cluster; null: there is none
  std::string owner;            // the tag "capstan-owner:..." of an operator of this cluster; empty: unknown
};

// Calls WhoAmI, Get or Find, and MakePlan. Errors, one sentence: those of the cloud, and
// kFailedPrecondition when the credentials belong to an account other than the recorded one.
Result<Forecast> MakeForecast(const ForecastInput& input, const Context& context);

}  // namespace capstan::app
