// DebugHandler answers /debug/objects/NAMESPACE/NAME (for cluster-scoped kinds
// /debug/objects/NAME): the last effects of an object, in the form of managed::RecordingsToJson,
// and with shards as "shards" the part of the objects that this process reconciles. Read-only; the
// answer contains no secrets.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include <capstan/core/assembly/managed_operator.hpp>
#include <capstan/core/base/json.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/core/managed/flight_recorder.hpp>

namespace capstan::app {

// The resourceVersion of an object in a cache; empty when absent. Thread-safe.
using CachedVersion = std::function<std::string(const std::string& kind, const kube::ObjectKey& key)>;
// Reads the caches of an operator, which must outlive the result.
CachedVersion CachedVersionsOf(const assembly::ManagedOperator& managed);
// {"count", "owned", "members"}: the total number of shards, those of this process, and all
// members; null without shards. Thread-safe.
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
