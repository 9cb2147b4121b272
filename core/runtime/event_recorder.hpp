// EventRecorder writes Kubernetes Events about objects, as `kubectl describe` shows them. Repeats
// increment the count of one Event instead of creating another, at most once a minute.
#pragma once

#include <string>

#include <capstan/core/base/context.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::runtime {

enum class EventType { kNormal, kWarning };

// Thread-safe. Recording never fails a reconcile: an Event that cannot be written is logged and
// dropped.
class EventRecorder {
 public:
  virtual ~EventRecorder() = default;
  // `reason` is CamelCase and stable; `message` is one sentence and contains no secrets.
  virtual void Record(const kube::Kind& kind, const kube::Object& about, EventType type,
                      const std::string& reason, const std::string& message, const Context& context) = 0;
};

}  // namespace capstan::runtime
