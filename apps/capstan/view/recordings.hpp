// Where `capstan explain` gets the last effects of an object from: a file, the address of an
// operator, or the operator's pod by way of the Kubernetes API. Wiring only.
#pragma once

#include <string>
#include <vector>

#include <capstan/apps/capstan/view/worker.hpp>
#include <capstan/apps/capstan/wiring/session.hpp>
#include <capstan/core/managed/flight_recorder.hpp>

namespace capstan::app {

struct RecordingSource {
  std::string file;          // what /debug/objects/... answered; empty: none
  std::string operator_url;  // "http://127.0.0.1:8081"; empty: the pod of who works on the object
  std::string operator_namespace = "capstan-system";
  std::string lease = "capstan";
  int port = 8081;  // of the pod
};

// Errors, one sentence: the file is none or broken, the operator cannot be reached or has no such
// page. `worker`: who works on the object, or why that is not known.
Result<std::vector<managed::Recording>> ReadRecordings(Session& session, const RecordingSource& source,
                                                       const Result<Worker>& worker,
                                                       const kube::ObjectKey& key, const Context& context);

}  // namespace capstan::app
