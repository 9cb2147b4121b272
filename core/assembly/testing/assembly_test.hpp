// Test fixture: an embedded API server, one simulated clock, and the dependencies of an operator.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/runtime/event_recorder.hpp>
#include <capstan/core/runtime/testing/embedded_api.hpp>

namespace capstan::assembly {

// Records Events as lines "Kind namespace/name Reason: message". One thread at a time.
class RememberingRecorder final : public runtime::EventRecorder {
 public:
  void Record(const kube::Kind& kind, const kube::Object& about, runtime::EventType,
              const std::string& reason, const std::string& message, const Context&) override {
    lines.push_back(StrCat(kind.kind, " ", about.key(), " ", reason, ": ", message));
  }
  bool Has(const std::string& text) const {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
  std::vector<std::string> lines;
};

class AssemblyTest : public runtime::OnEmbeddedApi {
 protected:
  RememberingRecorder events;
};

}  // namespace capstan::assembly
