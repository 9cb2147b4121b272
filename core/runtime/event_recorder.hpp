// EventRecorder writes Kubernetes Events about objects, as `kubectl describe` shows them. Repeats
// are counted on one Event instead of making new ones, and are written at most once a minute.
#pragma once

#include <string>

#include <capstan/core/base/context.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::runtime {

enum class EventType { kNormal, kWarning };

// Thread-safe. Recording never fails a reconcile: what cannot be written is logged and dropped.
class EventRecorder {
 public:
  virtual ~EventRecorder() = default;
  // `reason` is CamelCase and stable; `message` one sentence without secrets.
  virtual void Record(const kube::Kind& kind, const kube::Object& about, EventType type,
                      const std::string& reason, const std::string& message, const Context& context) = 0;
};

}  // namespace capstan::runtime
