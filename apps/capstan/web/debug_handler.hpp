// DebugHandler answers /debug/objects/NAMESPACE/NAME (of cluster-scoped kinds /debug/objects/NAME):
// the last effects of an object, as managed::RecordingsToJson writes them, and with shards as
// "shards" which part of the objects this process works on. Read-only; no secrets are in it.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include <capstan/core/assembly/managed_operator.hpp>
#include <capstan/core/base/json.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/core/managed/flight_recorder.hpp>

namespace capstan::app {

// The resourceVersion of an object as a cache has it; empty when it has none. Thread-safe.
using CachedVersion = std::function<std::string(const std::string& kind, const kube::ObjectKey& key)>;
// By the caches of an operator, which must outlive it.
CachedVersion CachedVersionsOf(const assembly::ManagedOperator& managed);
// {"count", "owned", "members"}: which shards are ours, of how many, among how many; null without
// shards. Thread-safe.
using Part = std::function<Json()>;
Part PartOf(const assembly::ManagedOperator& managed);

// Thread-safe. The recorder must outlive it.
class DebugHandler final : public http::Handler {
 public:
  explicit DebugHandler(const managed::FlightRecorder& recorder, CachedVersion cached = nullptr,
                        Part part = nullptr)
      : recorder_(recorder), cached_(std::move(cached)), part_(std::move(part)) {}
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

 private:
  const managed::FlightRecorder& recorder_;
  const CachedVersion cached_;
  const Part part_;
};

}  // namespace capstan::app
