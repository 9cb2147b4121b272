// DebugHandler answers /debug/objects/NAMESPACE/NAME (of cluster-scoped kinds /debug/objects/NAME):
// the last effects of an object, as managed::RecordingsToJson writes them. Read-only; no secrets
// are in it.
#pragma once

#include <capstan/core/http/handler.hpp>
#include <capstan/core/managed/flight_recorder.hpp>

namespace capstan::app {

// Thread-safe. The recorder must outlive it.
class DebugHandler final : public http::Handler {
 public:
  explicit DebugHandler(const managed::FlightRecorder& recorder) : recorder_(recorder) {}
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

 private:
  const managed::FlightRecorder& recorder_;
};

}  // namespace capstan::app
