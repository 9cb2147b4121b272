// Forecast is what the operator would do about an object if it looked now: found out by asking the
// cloud the same questions, and by changing nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::app {

struct Forecast {
  external::Account account;
  std::optional<external::Observed> observed;  // the cloud object; nothing: there is none
  external::Plan plan;
  // Why nothing of the plan is carried out as things stand, and what to do; empty: it is.
  std::string held;
  std::vector<std::string> notes;  // what else the reader should know, a sentence each
  bool removal = false;            // the object is being deleted: there is no plan, the cloud object goes
  bool approved = false;           // what the plan destroys may be destroyed

  // Whether the operator would neither change anything nor want to.
  bool nothing_to_do() const {
    return plan.steps.empty() && plan.unsupported.empty() && plan.waiting.empty() && held.empty() && !removal;
  }
};

struct ForecastInput {
  external::External& cloud;
  const external::KindInfo& info;
  const kube::Object& desired;  // as it would be after the apply; the live one where nothing is applied
  const kube::Object* live;     // the object in the cluster; null: there is none
  std::string owner;            // the tag "capstan-owner:..." that an operator here uses; empty: not known
};

// Asks WhoAmI, Get or Find, and plans. Errors, one sentence: those of the cloud, and
// kFailedPrecondition when the credentials belong to another account than the recorded one.
Result<Forecast> MakeForecast(const ForecastInput& input, const Context& context);

}  // namespace capstan::app
