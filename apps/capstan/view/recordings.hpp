// The sources from which `capstan explain` reads the last effects of an object: a file, the address
// of an operator, or the operator's pod through the Kubernetes API. Wiring only. For the thread of
// the session.
#pragma once

#include <string>
#include <vector>

#include <capstan/apps/capstan/view/worker.hpp>
#include <capstan/apps/capstan/wiring/session.hpp>
#include <capstan/core/managed/flight_recorder.hpp>

namespace capstan::app {

struct RecordingSource {
  std::string file;          // an answer of /debug/objects/...; empty: none
  std::string operator_url;  // "http://127.0.0.1:8081"; empty: the pod that reconciles the object
  std::string operator_namespace = "capstan-system";
  std::string lease = "capstan";
  int port = 8081;  // of the pod
};

// Errors, one sentence: the file is missing or malformed, the operator cannot be reached or has no
// such page. `worker`: the process that reconciles the object, or why that is unknown.
Result<std::vector<managed::Recording>> ReadRecordings(Session& session, const RecordingSource& source,
                                                       const Result<Worker>& worker,
                                                       const kube::ObjectKey& key, const Context& context);

}  // namespace capstan::app
