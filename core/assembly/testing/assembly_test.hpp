// A test on an embedded API server and one simulated clock, with a client and what an operator is
// made of.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/event_recorder.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/local/apiserver/storage/storage.hpp>

namespace capstan::assembly {

// Keeps Events as lines "Kind namespace/name Reason: message". One thread at a time.
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

class AssemblyTest : public testing::Test {
 protected:
  AssemblyTest() {
    static const auto schemas = apiserver::MakeBuiltinSchemas();
    apiserver::ApiServerOptions options;
    options.schemas = schemas;
    auto server = apiserver::ApiServer::Start(scheduler, *random, log, *storage, options);
    if (!server) ADD_FAILURE() << server.error();
    api = std::move(*server);
    wire.Route("api", api.get());
  }
  // Runs `work` as a task, until it ends.
  void Do(const std::function<void(const Context&)>& work) {
    Task task = scheduler.Spawn("test", work);
    ASSERT_TRUE(scheduler.RunUntil([&] { return task.finished(); }));
  }

  SimulatedScheduler scheduler{SeededSchedule(3)};
  std::unique_ptr<Random> random = MakeSeededRandom(4);
  std::unique_ptr<runtime::Metrics> metrics = runtime::MakePrometheusMetrics();
  RecordingLog log;
  std::unique_ptr<apiserver::Storage> storage = apiserver::MakeMemoryStorage();
  std::unique_ptr<apiserver::ApiServer> api;
  http::LoopbackTransport wire{scheduler};
  kube::Client client{wire, scheduler, {"http://api", "test", std::chrono::seconds(30)}};
  RememberingRecorder events;
};

}  // namespace capstan::assembly
