// A Forecast for people and for programs. Pure functions.
#pragma once

#include <string>

#include <capstan/apps/capstan/plan/forecast.hpp>
#include <capstan/apps/capstan/plan/kinds.hpp>

namespace capstan::app {

// Which object a forecast is about.
struct Planned {
  const ServedKind& kind;
  kube::ObjectKey key;
  bool in_cluster = false;  // whether the object exists, so that it can be annotated
};

// Lines, the last one with its end.
std::string ForecastToText(const Planned& planned, const Forecast& forecast);

// {"apiVersion", "kind", "namespace", "name", "account": {"id", "description"}, "id", "changes",
// "held", "notes", "approved", "plan": {see managed::PlanToJson}}. What is empty is left out;
// "changes" and "plan" never.
std::string ForecastToJson(const Planned& planned, const Forecast& forecast);

}  // namespace capstan::app
