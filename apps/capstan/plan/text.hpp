// Renders a Forecast for users and for programs. Pure functions; thread-safe.
#pragma once

#include <string>

#include <capstan/apps/capstan/plan/forecast.hpp>
#include <capstan/apps/capstan/plan/kinds.hpp>

namespace capstan::app {

// The object of a forecast.
struct Planned {
  const ServedKind& kind;
  kube::ObjectKey key;
  bool in_cluster = false;  // whether the object exists, so that it can be annotated
};

// Lines, including the last line end.
std::string ForecastToText(const Planned& planned, const Forecast& forecast);

// {"apiVersion", "kind", "namespace", "name", "account": {"id", "description"}, "id", "changes",
// "held", "notes", "approved", "plan": {see managed::PlanToJson}}. Empty members are omitted,
// except "changes" and "plan".
std::string ForecastToJson(const Planned& planned, const Forecast& forecast);

}  // namespace capstan::app
