// The table of pods: the state of their containers in one word.
#include <algorithm>
#include <string>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/table/columns.hpp>
#include <capstan/local/apiserver/table/workloads.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::ObjectsIn;
using json::TextIn;
using Column = BuiltinColumn;

constexpr const char* kNothing = "<none>";

struct PodView {
  std::string state;
  Poco::Int64 ready = 0, containers = 0, restarts = 0;
};

ObjectPtr StateIn(const ObjectPtr& container, const char* which) {
  return json::ObjectIn(json::ObjectIn(container, "state"), which);
}

Poco::Int64 CountIn(const ObjectPtr& object, const char* field) {
  return json::IntegerIn(object, field).value_or(0);
}

std::string EndOf(const ObjectPtr& terminated) {
  if (const std::string reason = TextIn(terminated, "reason"); !reason.empty()) return reason;
  const auto signal = CountIn(terminated, "signal");
  return signal != 0 ? StrCat("Signal:", signal) : StrCat("ExitCode:", CountIn(terminated, "exitCode"));
}

// An init container that keeps running next to the others.
bool IsSidecar(const ObjectPtr& pod, const std::string& name) {
  const auto before = ObjectsIn(json::ObjectIn(pod, "spec"), "initContainers");
  return std::any_of(before.begin(), before.end(), [&name](const ObjectPtr& one) {
    return TextIn(one, "name") == name && TextIn(one, "restartPolicy") == "Always";
  });
}

// Whether init containers are not done yet; the first of these determines the reason.
bool Initializes(const ObjectPtr& pod, PodView& view, Poco::Int64& restarts_of_sidecars) {
  const auto states = ObjectsIn(json::ObjectIn(pod, "status"), "initContainerStatuses");
  for (std::size_t i = 0; i < states.size(); ++i) {
    const ObjectPtr terminated = StateIn(states[i], "terminated"), waiting = StateIn(states[i], "waiting");
    const bool sidecar = IsSidecar(pod, TextIn(states[i], "name"));
    view.restarts += CountIn(states[i], "restartCount");
    if (sidecar) restarts_of_sidecars += CountIn(states[i], "restartCount");
    if (terminated && CountIn(terminated, "exitCode") == 0) continue;
    if (sidecar && json::BooleanIn(states[i], "started").value_or(false)) {
      if (json::BooleanIn(states[i], "ready").value_or(false)) ++view.ready;
      continue;
    }
    const std::string reason = TextIn(waiting, "reason");
    if (terminated) {
      view.state = "Init:" + EndOf(terminated);
    } else if (!reason.empty() && reason != "PodInitializing") {
      view.state = "Init:" + reason;
    } else {
      view.state = StrCat("Init:", i, "/", ObjectsIn(json::ObjectIn(pod, "spec"), "initContainers").size());
    }
    return true;
  }
  return false;
}

// The first container that is not running determines the state of the pod.
void ReadContainerStates(const ObjectPtr& pod, PodView& view) {
  const auto states = ObjectsIn(json::ObjectIn(pod, "status"), "containerStatuses");
  bool any_runs = false;
  for (auto state = states.rbegin(); state != states.rend(); ++state) {
    view.restarts += CountIn(*state, "restartCount");
    const ObjectPtr terminated = StateIn(*state, "terminated");
    if (const std::string reason = TextIn(StateIn(*state, "waiting"), "reason"); !reason.empty()) {
      view.state = reason;
    } else if (terminated) {
      view.state = EndOf(terminated);
    } else if (json::BooleanIn(*state, "ready").value_or(false) && StateIn(*state, "running")) {
      any_runs = true;
      ++view.ready;
    }
  }
  if (view.state == "Completed" && any_runs)
    view.state = ConditionStatus(pod, "Ready") == "True" ? "Running" : "NotReady";
}

PodView ViewOf(const ObjectPtr& pod) {
  const ObjectPtr spec = json::ObjectIn(pod, "spec"), status = json::ObjectIn(pod, "status");
  PodView view;
  view.state = TextIn(status, "reason").empty() ? TextIn(status, "phase") : TextIn(status, "reason");
  for (const ObjectPtr& condition : ObjectsIn(status, "conditions")) {
    if (TextIn(condition, "type") == "PodScheduled" && TextIn(condition, "reason") == "SchedulingGated")
      view.state = "SchedulingGated";
  }
  view.containers = static_cast<Poco::Int64>(ObjectsIn(spec, "containers").size());
  for (const ObjectPtr& one : ObjectsIn(spec, "initContainers")) {
    if (TextIn(one, "restartPolicy") == "Always") ++view.containers;
  }
  Poco::Int64 restarts_of_sidecars = 0;
  if (!Initializes(pod, view, restarts_of_sidecars)) {
    view.restarts = restarts_of_sidecars;
    ReadContainerStates(pod, view);
  }
  const ObjectPtr metadata = json::ObjectIn(pod, "metadata");
  if (metadata && metadata->has("deletionTimestamp"))
    view.state = TextIn(status, "reason") == "NodeLost" ? "Unknown" : "Terminating";
  return view;
}

std::string AddressOf(const ObjectPtr& pod) {
  const ObjectPtr status = json::ObjectIn(pod, "status");
  const auto all = ObjectsIn(status, "podIPs");
  const std::string address = all.empty() ? TextIn(status, "podIP") : TextIn(all.front(), "ip");
  return address.empty() ? kNothing : address;
}

std::string GatesOf(const ObjectPtr& pod) {
  const auto gates = ObjectsIn(json::ObjectIn(pod, "spec"), "readinessGates");
  if (gates.empty()) return kNothing;
  const auto open = std::count_if(gates.begin(), gates.end(), [&pod](const ObjectPtr& gate) {
    return ConditionStatus(pod, TextIn(gate, "conditionType")) == "True";
  });
  return StrCat(open, "/", gates.size());
}

}  // namespace

json::ArrayPtr RowConditions(const ObjectPtr& object) {
  if (TextIn(object, "kind") != "Pod" || TextIn(object, "apiVersion") != "v1") return {};
  const std::string phase = TextIn(json::ObjectIn(object, "status"), "phase");
  if (phase != "Succeeded" && phase != "Failed") return {};
  ObjectPtr one = json::MakeObject();
  one->set("type", std::string("Completed"));
  one->set("status", std::string("True"));
  one->set("reason", phase);
  one->set("message",
           std::string(phase == "Failed" ? "The pod failed." : "The pod has completed successfully."));
  json::ArrayPtr conditions = json::MakeArray();
  conditions->add(one);
  return conditions;
}

std::vector<BuiltinColumn> PodColumns() {
  return {
      NameColumn(0),
      {"Ready", "string", 0, "Containers that are ready, of all.",
       [](const ObjectPtr& o, double) {
         const PodView view = ViewOf(o);
         return StrCat(view.ready, "/", view.containers);
       }},
      {"Status", "string", 0, "What it does.", [](const ObjectPtr& o, double) { return ViewOf(o).state; }},
      {"Restarts", "integer", 0, "How often its containers were started again.",
       [](const ObjectPtr& o, double) { return ViewOf(o).restarts; }},
      AgeColumn(),
      {"IP", "string", 1, "Its address.", [](const ObjectPtr& o, double) { return AddressOf(o); }},
      TextColumn("Node", 1, "The machine it runs on.", "spec", "nodeName"),
      TextColumn("Nominated Node", 1, "The machine it may get.", "status", "nominatedNodeName"),
      {"Readiness Gates", "string", 1, "Further conditions of readiness that are met, of all.",
       [](const ObjectPtr& o, double) { return GatesOf(o); }}};
}

}  // namespace capstan::apiserver
